# No training: k-means on the pretrained features of ResNet-18 at strides 4, 8, 16.
_base_ = ['../_base_/kmeans_r18.py', '../_base_/datasets/camvid.py']
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
