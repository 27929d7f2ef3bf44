# Ablation row 'single set without invariance'. Published accuracy / mIoU: 41.70 / 9.92.
# Our reading: the single set, and no color or blur in either view.
_base_ = ['./picie_fpn_r18_coco27_single_set.py', '../../_base_/no_color.py']
train_pipeline = [
    _base_.train_pipeline[0],
    dict(**_base_.train_pipeline[1], **_base_.no_color),
    _base_.train_pipeline[2],
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
