# Contrastive learning of pixels on aerial tiles of Dubai: a start for others.
_base_ = [
    '../_base_/models/contrast_fpn_lite0.py',
    '../_base_/datasets/dubai_tiles.py',
    '../_base_/schedules/cluster_after.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
default_hooks = dict(logger=dict(interval=4))  # few steps a round
