# No training: k-means on the patch tokens of DINO's ViT-S/8, Cityscapes-27.
_base_ = ['../_base_/kmeans_dino_vits8.py', '../_base_/datasets/cityscapes27.py']
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
