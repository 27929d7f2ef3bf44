# COCO-Stuff-27 as the released code does it; see picie_reference.py.
_base_ = ['./picie_fpn_r18_coco27.py', '../_base_/picie_reference.py']
model = dict(decode_head=_base_.reference_head)
train_pipeline = [
    _base_.train_pipeline[0],
    dict(
        **_base_.train_pipeline[1],
        **_base_.reference_views,
        frame_size=640,  # R13
        feature_grid=80,  # R3
    ),
    _base_.train_pipeline[2],
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
custom_hooks = [
    dict(**_base_.custom_hooks[0], **_base_.reference_rounds),
    *_base_.custom_hooks[1:],
]
