# Modified DeepCluster on COCO-Stuff-27: a learned classifier on one view. Published
# accuracy / mIoU: 34.35 / 9.88. docs/ablations.md has its other row.
_base_ = [
    '../_base_/models/mdc_fpn_r18.py',
    '../_base_/datasets/coco_stuff27.py',
    '../_base_/schedules/picie_10r.py',
    '../_base_/default_runtime.py',
]
