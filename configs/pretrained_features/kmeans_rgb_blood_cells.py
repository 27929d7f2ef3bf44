# No training: k-means on the color of pixels, blood cells.
_base_ = ['../_base_/kmeans_rgb.py', '../_base_/datasets/blood_cells.py']
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
