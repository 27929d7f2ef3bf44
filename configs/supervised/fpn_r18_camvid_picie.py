# From tools/export_backbone.py of a run of picie_fpn_r18_camvid.py.
_base_ = './fpn_r18_camvid_random.py'
model = dict(
    backbone=dict(
        init_cfg=dict(
            type='Pretrained',
            checkpoint='data/weights/picie_r18_camvid.pth',
            prefix='backbone.',
        ),
    ),
)
