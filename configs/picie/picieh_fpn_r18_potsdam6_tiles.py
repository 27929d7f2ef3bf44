# PiCIE+H on Potsdam-6 by mmseg's tiles.
_base_ = ['./picie_fpn_r18_potsdam6_tiles.py', '../_base_/models/auxiliary_head_100.py']
model = dict(auxiliary_head=_base_.auxiliary_head)
