# As kmeans_r18_camvid.py, on MobileNetV2's features.
_base_ = '../picie/picie_fpn_mbv2_camvid.py'
model = dict(
    backbone=dict(out_indices=(1, 2, 4)),
    neck=dict(
        _delete_=True,
        type='MultiLevelPCA',
        in_channels=[24, 32, 96],
        out_channels=64,
        grid_level=1,
    ),
    decode_head=dict(in_channels=64, loss=None),
)
train_cfg = dict(_delete_=True, type='ClusterOnlyLoop')
default_hooks = dict(
    fit_pca=dict(type='FitPCAHook'),
    kmeans=dict(spherical=True, num_inits=3),
    label_free=None,
)
