# No training: k-means on features of EfficientNet-Lite0, CamVid.
_base_ = ['../_base_/kmeans_lite0.py', '../_base_/datasets/camvid.py']
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
