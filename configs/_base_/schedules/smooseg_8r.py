# SmooSeg's code: Adam, 1e-4 for the projection and 5e-4 for the student. Its 8,000
# steps are eight rounds of batch_sampler.max_steps=1000.
_base_ = './end_to_end.py'
optim_wrapper = dict(
    optimizer=dict(lr=1e-4),
    paramwise_cfg=dict(custom_keys={'decode_head': dict(lr_mult=5.0)}),
)
train_cfg = dict(max_epochs=8)
