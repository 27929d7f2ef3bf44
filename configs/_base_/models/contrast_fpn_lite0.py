# Contrastive learning of pixels on EfficientNet-Lite0.
_base_ = ['./contrast_fpn_r18.py', './lite0.py']
model = dict(**_base_.lite0)
