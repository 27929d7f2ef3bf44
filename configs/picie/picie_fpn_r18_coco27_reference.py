# COCO-Stuff-27 as the released code does it. See picie_reference.py for the choices.
_base_ = ['./picie_fpn_r18_coco27.py', '../_base_/picie_reference.py']
model = dict(decode_head=_base_.reference_head)
default_hooks = _base_.reference_hooks
views = dict(**_base_.reference_views, frame_size=640, feature_grid=80)  # R13, R3
train_pipeline = [
    _base_.train_pipeline[0],
    dict(**_base_.train_pipeline[1], **views),
    _base_.train_pipeline[2],
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
