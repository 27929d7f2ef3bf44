# No training: k-means on the pretrained features of MobileNetV2 at strides 4, 8, 16.
_base_ = ['../picie/picie_fpn_mbv2_camvid.py', '../_base_/pretrained_features.py']
model = dict(
    backbone=dict(out_indices=(1, 2, 4)),
    neck=dict(**_base_.pca_neck, in_channels=[24, 32, 96]),
    decode_head=_base_.pca_head,
)
train_cfg = _base_.cluster_once
default_hooks = _base_.pca_hooks
