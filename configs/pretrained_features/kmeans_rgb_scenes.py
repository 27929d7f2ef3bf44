# Baseline without a network: k-means on the color of each pixel.
_base_ = '../picie/picie_fpn_r18_scenes_recipe.py'
model = dict(
    backbone=dict(_delete_=True, type='PixelColors'),
    neck=None,
    decode_head=dict(in_channels=3, normalize=False, loss=None),
    **dict.fromkeys(('auxiliary_clusters', 'correspondence')),
)
train_cfg = dict(_delete_=True, type='ClusterOnlyLoop')
default_hooks = dict(
    kmeans=dict(batch_size=32, init_points=60_000, num_inits=3, warm_start=False),
    checkpoint=dict(save_best=None),
    **dict.fromkeys(('calibrate', 'initial_projection', 'label_free')),
)
