# The demo: from scratch on generated landscapes, a few minutes on two CPU cores.
_base_ = [
    '../_base_/models/picie_fpn_r18_recipe.py',
    '../_base_/datasets/scenes.py',
    '../_base_/schedules/recipe_5r.py',
    '../_base_/default_runtime.py',
]
model = dict(
    backbone=dict(init_cfg=None, norm_eval=False), decode_head=dict(num_clusters=9)
)
# Few steps from random weights: small batches and a high rate learn more in them;
# statistics are set before the first clustering.
optim_wrapper = dict(
    optimizer=dict(lr=7e-4),
    # The residual's rate is about that of the recipe.
    paramwise_cfg=dict(custom_keys={'neck.residual': dict(lr_mult=4.0)}),
)
max_epochs = 4
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
param_scheduler = [dict(_base_.param_scheduler[0], end=max_epochs)]
default_hooks = dict(checkpoint=dict(max_keep_ckpts=1))
custom_hooks = [
    dict(_base_.custom_hooks[0], calibrate_batch_norm=True),
    *_base_.custom_hooks[1:],
]
