# Baseline without training: k-means on pretrained features. Levels at strides 4,
# 8 and 16 at equal total variance, PCA to 64, unit length, spherical k-means.
_base_ = '../picie/picie_fpn_r18_camvid.py'
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
default_hooks = dict(
    fit_pca=dict(type='FitPCAHook'),
    kmeans=dict(spherical=True, num_inits=3),
    label_free=None,
)
