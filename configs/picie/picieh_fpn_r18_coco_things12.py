# PiCIE+H on COCO-Things-12. Published accuracy / mIoU: 69.39 / 23.83.
_base_ = ['./picie_fpn_r18_coco_things12.py', '../_base_/models/auxiliary_head_100.py']
model = dict(auxiliary_head=_base_.auxiliary_head)
