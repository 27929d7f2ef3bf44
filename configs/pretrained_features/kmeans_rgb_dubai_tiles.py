# No training: k-means on the color of pixels, aerial tiles of Dubai.
_base_ = ['../_base_/kmeans_rgb.py', '../_base_/datasets/dubai_tiles.py']
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
