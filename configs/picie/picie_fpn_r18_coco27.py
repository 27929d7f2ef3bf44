# COCO-Stuff-27 with the paper's settings.
_base_ = [
    '../_base_/models/picie_fpn_r18.py',
    '../_base_/datasets/coco_stuff27.py',
    '../_base_/schedules/picie_10r.py',
    '../_base_/default_runtime.py',
]
