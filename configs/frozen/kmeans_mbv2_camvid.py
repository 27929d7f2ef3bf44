# As kmeans_r18_camvid.py, on MobileNetV2's features.
_base_ = '../picie/picie_fpn_mbv2_camvid_paper.py'
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
custom_hooks = [
    dict(type='FitPCAHook'),
    dict(type='KMeansLabelHook', batch_size=32, spherical=True, starts=3),
    dict(type='ManifestHook'),
]
