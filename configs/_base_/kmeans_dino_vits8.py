# As kmeans_r18.py, on the patch tokens of DINO's ViT-S/8 alone, without PCA.
_base_ = ['./kmeans_r18.py', './models/dino_vits8.py']
model = dict(
    backbone=_base_.dino_vits8.backbone,
    neck=None,
    decode_head=dict(in_channels=_base_.dino_vits8.backbone.model.hidden_size),
)
default_hooks = dict(fit_pca=None)
