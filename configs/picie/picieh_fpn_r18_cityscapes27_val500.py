# PiCIE+H on Cityscapes-27 in STEGO's split.
_base_ = [
    './picie_fpn_r18_cityscapes27_val500.py',
    '../_base_/models/auxiliary_head_100.py',
]
model = dict(auxiliary_head=_base_.auxiliary_head)
