# The things of COCO-Stuff-27 with the paper's settings.
_base_ = [
    '../_base_/models/picie_fpn_r18.py',
    '../_base_/datasets/coco_things12.py',
    '../_base_/schedules/picie_10r.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
