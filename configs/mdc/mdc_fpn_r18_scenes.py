# Modified DeepCluster from scratch on the demo's generated scenes.
_base_ = [
    '../_base_/models/mdc_fpn_r18.py',
    '../_base_/datasets/scenes.py',
    '../_base_/schedules/picie_10r.py',
    '../_base_/default_runtime.py',
]
model = dict(
    backbone=dict(init_cfg=None), decode_head=dict(num_clusters=_base_.num_classes)
)
# As the recipe from scratch: a high rate, and statistics for the first clustering.
optim_wrapper = dict(optimizer=dict(lr=7e-4))
default_hooks = dict(calibrate=dict(type='CalibrateBatchNormHook'))
