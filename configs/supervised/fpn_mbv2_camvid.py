# As fpn_r18_camvid.py, on MobileNetV2.
_base_ = ['./fpn_r18_camvid.py', '../_base_/models/mbv2.py']
model = dict(
    backbone={k: v for k, v in _base_.mbv2.backbone.items() if k != 'init_cfg'},
    neck=_base_.mbv2.neck,
)
