# No training: k-means on dense SIFT, aerial tiles of Dubai.
_base_ = ['../_base_/kmeans_sift.py', '../_base_/datasets/dubai_tiles.py']
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
