# No training: k-means on the color of pixels, Cityscapes-27.
_base_ = ['../_base_/kmeans_rgb.py', '../_base_/datasets/cityscapes27.py']
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
