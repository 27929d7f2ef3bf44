# From tools/export_backbone.py of a run of picie_fpn_mbv2_camvid.py.
_base_ = './fpn_mbv2_camvid_random.py'
model = dict(
    backbone=dict(
        init_cfg=dict(
            type='Pretrained',
            checkpoint='data/weights/picie_mbv2_camvid.pth',
            prefix='backbone.',
        ),
    ),
)
