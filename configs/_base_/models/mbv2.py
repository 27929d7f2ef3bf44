# MobileNetV2 in place of ResNet-18: model = dict(**_base_.mbv2).
mbv2 = dict(
    backbone=dict(
        _delete_=True,
        type='MobileNetV2',
        widen_factor=1.0,
        out_indices=(1, 2, 4, 6),
        norm_cfg=dict(type='BN', requires_grad=True),
        init_cfg=dict(
            type='Pretrained', checkpoint='data/weights/mobilenetv2_in1k_mmseg.pth'
        ),
    ),
    neck=dict(in_channels=[24, 32, 96, 320]),
)
