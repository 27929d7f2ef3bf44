# STEGO's code: Adam, 5e-4 for the projection and ten times that for the probe. Its
# 5,000 steps are five rounds of batch_sampler.max_steps=1000.
_base_ = './end_to_end.py'
optim_wrapper = dict(
    optimizer=dict(lr=5e-4),
    paramwise_cfg=dict(custom_keys={'decode_head': dict(lr_mult=10.0)}),
)
train_cfg = dict(max_epochs=5)
default_hooks = dict(neighbors=dict(type='NeighborTableHook', num_neighbors=7))
