# No training: k-means on features of a random network, CamVid.
_base_ = './kmeans_lite0_camvid.py'
model = dict(backbone=dict(init_cfg=None))
default_hooks = dict(calibrate=dict(type='CalibrateBatchNormHook'))
