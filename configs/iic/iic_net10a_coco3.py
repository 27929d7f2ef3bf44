# IIC on COCO-Stuff-3, colors and edges. Published accuracy: 72.3.
_base_ = [
    '../_base_/models/iic_net10a.py',
    '../_base_/datasets/coco_stuff3_iic.py',
    '../_base_/schedules/iic_4800.py',
    '../_base_/default_runtime.py',
]
model = dict(
    backbone=_base_.colors_and_edges,
    decode_head=dict(num_clusters=3, loss=dict(entropy_weight=1.5)),
)
train_dataloader = dict(batch_size=120)
