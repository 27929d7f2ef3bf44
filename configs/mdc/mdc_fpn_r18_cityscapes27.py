# Modified DeepCluster on Cityscapes-27. Published accuracy / mIoU: 40.67 / 7.06.
_base_ = [
    '../_base_/models/mdc_fpn_r18.py',
    '../_base_/datasets/cityscapes27.py',
    '../_base_/schedules/picie_10r.py',
    '../_base_/default_runtime.py',
]
# The released code trains Cityscapes at ten times COCO's rate.
optim_wrapper = dict(optimizer=dict(lr=1e-3))
