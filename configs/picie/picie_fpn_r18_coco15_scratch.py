# From random weights, to compare with IIC and the methods in its tables.
_base_ = './picie_fpn_r18_coco15.py'
model = dict(backbone=dict(init_cfg=None))
# Statistics are set before the first clustering; ImageNet weights bring theirs.
custom_hooks = [
    dict(
        type='KMeansLabelHook',
        batch_size=256,
        refit_batch_size=64,
        calibrate_batch_norm=True,
    ),
    *_base_.custom_hooks[1:],
]
