# No training: k-means on dense SIFT, blood cells.
_base_ = ['../_base_/kmeans_sift.py', '../_base_/datasets/blood_cells.py']
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
