# No training: k-means on features of ResNet-18, Cityscapes-27.
_base_ = ['../_base_/kmeans_r18.py', '../_base_/datasets/cityscapes27.py']
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
