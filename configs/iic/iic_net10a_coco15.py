# IIC on COCO-Stuff-15, colors and edges. Published accuracy: 27.7.
_base_ = [
    '../_base_/models/iic_net10a.py',
    '../_base_/datasets/coco_stuff15_iic.py',
    '../_base_/schedules/iic_4800.py',
    '../_base_/default_runtime.py',
]
model = dict(
    backbone=_base_.colors_and_edges,
    decode_head=dict(num_clusters=15),
    auxiliary_head=dict(num_clusters=45),
)
train_dataloader = dict(batch_size=60)
