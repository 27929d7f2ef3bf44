# Contrastive learning of pixels on COCO-Stuff-27: a start for others.
_base_ = [
    '../_base_/models/contrast_fpn_r18.py',
    '../_base_/datasets/coco_stuff27.py',
    '../_base_/schedules/cluster_after.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
