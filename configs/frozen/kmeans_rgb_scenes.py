# Baseline without a network: k-means on the color of each pixel.
_base_ = '../picie/picie_fpn_r18_scenes.py'
model = dict(
    backbone=dict(_delete_=True, type='PixelColors'),
    neck=None,
    decode_head=dict(in_channels=3, normalize=False, loss=None),
    auxiliary_head=None,
    correspondence=None,
)
train_cfg = dict(_delete_=True, type='ClusterOnlyLoop')
default_hooks = dict(checkpoint=dict(save_best=None))
custom_hooks = [
    dict(type='KMeansLabelHook', batch_size=32, init_points=60_000, starts=3),
    dict(type='ManifestHook'),
]
