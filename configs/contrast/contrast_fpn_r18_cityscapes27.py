# Contrastive learning of pixels on Cityscapes-27: a start for others.
_base_ = [
    '../_base_/models/contrast_fpn_r18.py',
    '../_base_/datasets/cityscapes27.py',
    '../_base_/schedules/cluster_after.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
