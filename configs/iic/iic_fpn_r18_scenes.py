# IIC from scratch on the demo's generated scenes.
_base_ = [
    '../_base_/models/iic_fpn_r18.py',
    '../_base_/datasets/scenes.py',
    '../_base_/schedules/end_to_end.py',
    '../_base_/default_runtime.py',
]
model = dict(
    backbone=dict(init_cfg=None), decode_head=dict(num_clusters=_base_.num_classes)
)
# As PiCIE's recipe from scratch.
optim_wrapper = dict(optimizer=dict(lr=7e-4))
