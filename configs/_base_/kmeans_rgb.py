# The baseline without a network: k-means on the color of each pixel; a config adds its
# data and as many clusters as they have classes.
_base_ = [
    './models/picie_fpn_r18.py',
    './schedules/cluster_once.py',
    './default_runtime.py',
]
model = dict(
    backbone=dict(_delete_=True, type='PixelColors'),
    neck=None,
    decode_head=dict(in_channels=3, normalize=False, loss=None),
)
default_hooks = dict(
    kmeans=dict(spherical=False, init_points=60_000), refit=dict(batch_size=64)
)
