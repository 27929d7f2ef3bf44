# No training: k-means on the patch tokens of DINOv2's ViT-S/14, Cityscapes-27.
_base_ = ['../_base_/kmeans_dinov2_vits14.py', '../_base_/datasets/cityscapes27.py']
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
