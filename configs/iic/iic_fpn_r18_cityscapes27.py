# IIC on Cityscapes-27 and PiCIE's network. Published accuracy / mIoU: 29.78 / 4.96.
_base_ = [
    '../_base_/models/iic_fpn_r18.py',
    '../_base_/datasets/cityscapes27.py',
    '../_base_/schedules/end_to_end.py',
    '../_base_/default_runtime.py',
]
# As PiCIE's released code: ten times COCO's rate.
optim_wrapper = dict(optimizer=dict(lr=1e-3))
