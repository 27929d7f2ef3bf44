_base_ = './fpn_mbv2_camvid_random.py'
model = dict(
    backbone=dict(
        init_cfg=dict(
            type='Pretrained', checkpoint='data/weights/mobilenetv2_in1k_mmseg.pth'
        ),
    ),
)
