# CamVid, small protocol, with the released code's choices at its proportions: frames
# of twice the view, features of a quarter. See picie_reference.py.
_base_ = ['./picie_fpn_r18_camvid_paper.py', '../_base_/picie_reference.py']
model = dict(decode_head=_base_.reference_head)
train_pipeline = [
    _base_.train_pipeline[0],
    dict(
        **_base_.train_pipeline[1],
        **_base_.reference_views,
        frame_size=256,  # R13
        feature_grid=32,  # R3
    ),
    _base_.train_pipeline[2],
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
custom_hooks = [
    dict(**_base_.custom_hooks[0], **_base_.reference_rounds),
    *_base_.custom_hooks[1:],
]
