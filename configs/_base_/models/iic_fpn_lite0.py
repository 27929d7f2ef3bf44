# iic_fpn_r18.py on EfficientNet-Lite0.
_base_ = ['./iic_fpn_r18.py', './lite0.py']
model = dict(**_base_.lite0)
