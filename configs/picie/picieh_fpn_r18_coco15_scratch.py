# PiCIE+H on COCO-Stuff-15 from random weights.
_base_ = ['./picie_fpn_r18_coco15_scratch.py', '../_base_/models/auxiliary_head_100.py']
model = dict(auxiliary_head=_base_.auxiliary_head)
