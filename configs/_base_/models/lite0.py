# EfficientNet-Lite0 in place of ResNet-18; its weights come by pip.
lite0 = dict(
    data_preprocessor=dict(mean=[127.0] * 3, std=[128.0] * 3),
    backbone=dict(
        _delete_=True,
        type='MobileNetV2',
        widen_factor=1.0,
        out_indices=(1, 2, 4, 6),
        norm_cfg=dict(type='BN', requires_grad=True),
        init_cfg=dict(
            type='Pretrained',
            checkpoint='/work/shared/data/weights/mobilenetv2_in1k_mmseg.pth',
        ),
    ),
    neck=dict(in_channels=[24, 32, 96, 320]),
)
