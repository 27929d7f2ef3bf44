# Learning from scenes with pasted regions on EfficientNet-Lite0.
_base_ = ['./cutmix_fpn_r18.py', './lite0.py']
model = dict(**_base_.lite0)
