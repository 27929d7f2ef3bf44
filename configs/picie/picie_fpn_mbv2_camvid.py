# CamVid with the paper's settings on MobileNetV2.
_base_ = ['./picie_fpn_r18_camvid.py', '../_base_/models/mbv2.py']
model = dict(**_base_.mbv2)
