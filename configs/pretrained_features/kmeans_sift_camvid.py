# No training: k-means on dense SIFT, CamVid.
_base_ = ['../_base_/kmeans_sift.py', '../_base_/datasets/camvid.py']
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
