# The baseline without training: strides 4, 8 and 16 of a pretrained network at equal
# total variance, PCA to 64, unit length, spherical k-means. Here the network is
# ResNet-18; a config adds its data and as many clusters as they have classes.
_base_ = [
    './models/picie_fpn_r18.py',
    './schedules/cluster_once.py',
    './default_runtime.py',
]
model = dict(
    backbone=dict(out_indices=(0, 1, 2)),
    neck=dict(
        _delete_=True,
        type='MultiLevelPCA',
        in_channels='auto',
        out_channels=64,
        grid_level=1,
    ),
    decode_head=dict(in_channels=64, loss=None),
)
default_hooks = dict(fit_pca=dict(type='FitPCAHook'))
