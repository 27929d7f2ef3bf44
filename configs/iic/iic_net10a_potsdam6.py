# IIC on Potsdam-6, colors and infrared. Published accuracy: 45.4.
_base_ = [
    '../_base_/models/iic_net10a.py',
    '../_base_/datasets/potsdam6_iic.py',
    '../_base_/schedules/iic_4800.py',
    '../_base_/default_runtime.py',
]
heads = dict(decode_head=dict(num_clusters=6, loss=dict(displacement=5)))
model = dict(**_base_.four_channels, **heads, auxiliary_head=dict(num_clusters=36))
train_dataloader = dict(batch_size=60)
optim_wrapper = dict(optimizer=dict(lr=1e-6))
