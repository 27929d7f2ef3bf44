# No training: k-means on features of a random network, aerial tiles of Dubai.
_base_ = './kmeans_lite0_dubai_tiles.py'
model = dict(backbone=dict(init_cfg=None))
default_hooks = dict(calibrate=dict(type='CalibrateBatchNormHook'))
