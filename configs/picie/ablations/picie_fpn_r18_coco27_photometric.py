# Ablation row '+ photometric' (invariance alone). Published accuracy / mIoU: 42.55 /
# 9.84. Our reading: two views, and no crop or flip in either.
_base_ = './picie_fpn_r18_coco27_both.py'
train_pipeline = [
    _base_.train_pipeline[0],
    dict(**_base_.train_pipeline[1], crop_ratio=(1.0, 1.0), flip_prob=0.0),
    _base_.train_pipeline[2],
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
