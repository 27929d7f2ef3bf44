# CamVid as the released code would do it, at its proportions: frames of twice the
# view, features of a quarter. See picie_reference.py for the choices R1-R13.
_base_ = ['./picie_fpn_r18_camvid.py', '../_base_/picie_reference.py']
model = dict(decode_head=_base_.reference_head)
default_hooks = _base_.reference_hooks
views = dict(**_base_.reference_views, frame_size=256, feature_grid=32)  # R13, R3
train_pipeline = [
    _base_.train_pipeline[0],
    dict(**_base_.train_pipeline[1], **views),
    _base_.train_pipeline[2],
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
