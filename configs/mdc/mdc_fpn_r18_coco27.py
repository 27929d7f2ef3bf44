# Modified DeepCluster on COCO-Stuff-27: a learned classifier on one view. Published
# accuracy / mIoU: 34.35 / 9.88. docs/ablations.md has its other row.
_base_ = ['../picie/picie_fpn_r18_coco27.py', '../_base_/picie_reference.py']
model = dict(
    type='MDC', decode_head=dict(**_base_.reference_head, type='ClassifierHead')
)
