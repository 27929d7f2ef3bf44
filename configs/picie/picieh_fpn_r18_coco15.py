# PiCIE+H on COCO-Stuff-15. Published accuracy / mIoU: 74.56 / 17.32.
_base_ = ['./picie_fpn_r18_coco15.py', '../_base_/models/auxiliary_head_100.py']
model = dict(auxiliary_head=_base_.auxiliary_head)
