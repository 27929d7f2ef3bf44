# As fpn_r18_camvid.py, on EfficientNet-Lite0, the default network of mmseg-picie fit.
_base_ = ['./fpn_r18_camvid.py', '../_base_/models/lite0.py']
model = dict(
    data_preprocessor=_base_.lite0.data_preprocessor,
    backbone={k: v for k, v in _base_.lite0.backbone.items() if k != 'init_cfg'},
    neck=dict(in_channels=[24, 40, 112, 320]),
)
