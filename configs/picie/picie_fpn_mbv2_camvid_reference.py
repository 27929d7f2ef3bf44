# CamVid as the released code would do it, on MobileNetV2.
_base_ = ['./picie_fpn_r18_camvid_reference.py', '../_base_/models/mbv2.py']
model = dict(**_base_.mbv2)
