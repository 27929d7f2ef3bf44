# No training: k-means on features of a random network, blood cells.
_base_ = './kmeans_lite0_blood_cells.py'
model = dict(backbone=dict(init_cfg=None))
default_hooks = dict(calibrate=dict(type='CalibrateBatchNormHook'))
