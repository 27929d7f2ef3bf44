# As kmeans_r18.py, on EfficientNet-Lite0, whose weights come by pip.
_base_ = ['./kmeans_r18.py', './models/lite0.py']
model = dict(
    data_preprocessor=_base_.lite0.data_preprocessor,
    backbone=dict(**_base_.lite0.backbone, out_indices=(0, 1, 2)),
)
