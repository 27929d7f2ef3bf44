# No training: k-means on features of a random network, Cityscapes-27.
_base_ = './kmeans_r18_cityscapes27.py'
model = dict(backbone=dict(init_cfg=None))
default_hooks = dict(calibrate=dict(type='CalibrateBatchNormHook'))
