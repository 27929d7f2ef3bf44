# IIC on Potsdam-3, colors and infrared. Published accuracy: 65.1.
_base_ = [
    '../_base_/models/iic_net10a.py',
    '../_base_/datasets/potsdam3_iic.py',
    '../_base_/schedules/iic_4800.py',
    '../_base_/default_runtime.py',
]
heads = dict(decode_head=dict(loss=dict(entropy_weight=1.5)))
model = dict(**_base_.four_channels, **heads, auxiliary_head=dict(num_clusters=24))
train_dataloader = dict(batch_size=75)
optim_wrapper = dict(optimizer=dict(lr=1e-5))
