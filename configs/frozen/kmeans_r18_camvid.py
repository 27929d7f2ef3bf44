# Baseline without training: k-means on frozen backbone features. Levels at strides 4,
# 8 and 16 at equal total variance, PCA to 64, unit length, spherical k-means.
_base_ = '../picie/picie_fpn_r18_camvid_paper.py'
model = dict(
    backbone=dict(out_indices=(0, 1, 2)),
    neck=dict(
        _delete_=True,
        type='MultiLevelPCA',
        in_channels=[64, 128, 256],
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
