# No training: k-means on features of EfficientNet-Lite0, aerial tiles of Dubai.
_base_ = ['../_base_/kmeans_lite0.py', '../_base_/datasets/dubai_tiles.py']
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
