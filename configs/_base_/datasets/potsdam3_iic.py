# Potsdam-3 with infrared and IIC's views.
_base_ = ['./potsdam3.py', '../iic_views.py']
load, views, pack = _base_.train_pipeline
load = dict(load, infrared=True)
train_pipeline = [load, dict(views, **_base_.weak_jitter), pack]
test_pipeline = [load, *_base_.test_pipeline[1:]]
train_dataloader = dict(dataset=dict(pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(pipeline=test_pipeline))
test_dataloader = val_dataloader
val_evaluator = dict(
    protocol='Potsdam-3, RGB and infrared, 200 px patches, trained on all three lists, '
    'evaluated on labelled_train + labelled_test',
)
test_evaluator = val_evaluator
