# No training: k-means on the patch tokens of DINO's ViT-S/8.
_base_ = [
    '../picie/picie_fpn_r18_coco27.py',
    '../_base_/models/dino_vits8.py',
    '../_base_/pretrained_features.py',
]
model = dict(
    backbone=_base_.dino_vits8.backbone,
    neck=None,
    decode_head=dict(
        in_channels=_base_.dino_vits8.backbone.model.hidden_size, loss=None
    ),
)
train_cfg = _base_.cluster_once
default_hooks = _base_.once_hooks
