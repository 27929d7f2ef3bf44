# Modified DeepCluster on EfficientNet-Lite0.
_base_ = ['./mdc_fpn_r18.py', './lite0.py']
model = dict(**_base_.lite0)
