# PiCIE+H on any folder of images.
_base_ = ['./picie_fpn_r18_folder.py', '../_base_/models/auxiliary_head_100.py']
model = dict(auxiliary_head=_base_.auxiliary_head)
