# IIC on blood cells, small protocol.
_base_ = [
    '../_base_/models/iic_fpn_lite0.py',
    '../_base_/datasets/blood_cells.py',
    '../_base_/schedules/end_to_end.py',
    '../_base_/default_runtime.py',
]
model = dict(decode_head=dict(num_clusters=_base_.num_classes))
default_hooks = dict(logger=dict(interval=4))
