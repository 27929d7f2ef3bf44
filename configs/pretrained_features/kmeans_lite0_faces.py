# No training: k-means on features of EfficientNet-Lite0, faces.
_base_ = ['../_base_/kmeans_lite0.py', '../_base_/datasets/faces.py']
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
