# Contrastive learning of pixels from scratch on the demo's generated scenes.
_base_ = [
    '../_base_/models/contrast_fpn_r18.py',
    '../_base_/datasets/scenes.py',
    '../_base_/schedules/cluster_after.py',
    '../_base_/default_runtime.py',
]
model = dict(
    backbone=dict(init_cfg=None), decode_head=dict(num_clusters=_base_.num_classes)
)
optim_wrapper = dict(optimizer=dict(lr=7e-4))  # as the recipe from scratch
