# Supervised, from random weights: what the starts of the other two are compared with.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/fpn_r18_supervised.py',
    '../_base_/datasets/camvid_labeled.py',
    '../_base_/schedules/supervised_short.py',
]
log_processor = dict(by_epoch=False)
