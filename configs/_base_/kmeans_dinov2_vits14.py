# As kmeans_r18.py, on the patch tokens of DINOv2's ViT-S/14 alone, without PCA.
_base_ = ['./kmeans_r18.py', './models/dinov2_vits14.py']
model = dict(
    backbone=_base_.dinov2_vits14.backbone,
    neck=None,
    decode_head=dict(in_channels=_base_.dinov2_vits14.backbone.model.hidden_size),
)
default_hooks = dict(fit_pca=None)
