# Ablation row 'non-parametric + geometric' (equivariance alone). Published accuracy /
# mIoU: 46.97 / 12.04. Our reading: two views, and no color or blur in either.
_base_ = ['./picie_fpn_r18_coco27_both.py', '../../_base_/no_color.py']
train_pipeline = [
    _base_.train_pipeline[0],
    dict(**_base_.train_pipeline[1], **_base_.no_color),
    _base_.train_pipeline[2],
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
