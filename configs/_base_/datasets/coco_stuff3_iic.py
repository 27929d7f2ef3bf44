# COCO-Stuff-3 for IIC's own network: 128 px in training and evaluation, IIC's views.
_base_ = ['./coco_stuff3.py', '../iic_views.py']
load, views, pack = _base_.train_pipeline
train_pipeline = [load, dict(views, size=_base_.coco_size, **_base_.jitter), pack]
test_pipeline = [
    dict(step, size=_base_.coco_size) if 'size' in step else step
    for step in _base_.test_pipeline
]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
