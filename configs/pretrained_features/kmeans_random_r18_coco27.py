# No training: k-means on features of a random network, COCO-Stuff-27.
_base_ = './kmeans_r18_coco27.py'
model = dict(backbone=dict(init_cfg=None))
default_hooks = dict(calibrate=dict(type='CalibrateBatchNormHook'))
