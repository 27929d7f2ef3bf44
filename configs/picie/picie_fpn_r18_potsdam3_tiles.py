# Potsdam-3 on mmseg's tiles with the paper's settings.
_base_ = [
    '../_base_/models/picie_fpn_r18.py',
    '../_base_/datasets/potsdam3_tiles.py',
    '../_base_/schedules/picie_10r.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
