# The demo: from scratch on generated landscapes, a few minutes on two CPU cores.
_base_ = [
    '../_base_/models/picie_fpn_r18.py',
    '../_base_/datasets/scenes.py',
    '../_base_/schedules/picie_10r.py',
    '../_base_/default_runtime.py',
]
# Few steps from random weights: sharp scores, small batches and a rate that falls to
# 0 learn more in them; statistics are set before the first clustering.
model = dict(
    backbone=dict(init_cfg=None),
    decode_head=dict(num_clusters=9, loss=dict(temperature=0.1)),
)
optim_wrapper = dict(optimizer=dict(lr=7e-4))
max_epochs = 4
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
param_scheduler = [
    dict(
        type='CosineAnnealingLR',
        T_max=max_epochs,
        end=max_epochs,
        convert_to_iter_based=True,
    )
]
default_hooks = dict(checkpoint=dict(max_keep_ckpts=1))
custom_hooks = [
    dict(
        type='KMeansLabelHook',
        batch_size=32,
        init_points=60_000,
        starts=3,
        calibrate_batch_norm=True,
    ),
    *_base_.custom_hooks[1:],
]
