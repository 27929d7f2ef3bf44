# Potsdam-6 with IIC's views.
_base_ = ['./potsdam6.py', '../iic_views.py']
load, views, pack = _base_.train_pipeline
train_pipeline = [load, dict(views, **_base_.weak_jitter), pack]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
