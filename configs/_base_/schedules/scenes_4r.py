# The recipe's schedule for a network from scratch on the demo's generated scenes.
_base_ = './recipe_5r.py'
# Few steps from random weights: small batches and a high rate learn more in them.
optim_wrapper = dict(
    optimizer=dict(lr=7e-4),
    # The residual's rate is about that of the recipe.
    paramwise_cfg=dict(custom_keys={'neck.residual': dict(lr_mult=4.0)}),
)
max_epochs = 4
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)
param_scheduler = [dict(_base_.param_scheduler[0], end=max_epochs)]
default_hooks = dict(
    # Random weights bring no statistics for the first clustering.
    calibrate=dict(type='CalibrateBatchNormHook'),
)
