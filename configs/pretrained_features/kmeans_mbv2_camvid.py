# No training: k-means on the pretrained features of MobileNetV2 at strides 4, 8, 16.
_base_ = ['./kmeans_r18_camvid.py', '../_base_/models/mbv2.py']
model = dict(backbone=dict(_base_.mbv2.backbone, out_indices=(1, 2, 4)))
