# PiCIE+H on COCO-Stuff-27. Published accuracy / mIoU: 49.99 / 14.36.
_base_ = ['./picie_fpn_r18_coco27.py', '../_base_/models/auxiliary_head_100.py']
model = dict(auxiliary_head=_base_.auxiliary_head)
