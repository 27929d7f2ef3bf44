# Stained white blood cells, 3 classes; small protocol. Images of 120 px: 96 px views.
_base_ = './held_out.py'
num_classes = 3
data_root = 'data/blood_cells'
size = 96
load, views, pack = _base_.train_pipeline
train_pipeline = [load, dict(views, size=size), pack]
test_pipeline = [
    dict(step, size=size) if 'size' in step else step for step in _base_.test_pipeline
]
train_dataloader = dict(dataset=dict(data_root=data_root, pipeline=train_pipeline))
val_dataloader = dict(dataset=dict(data_root=data_root, pipeline=test_pipeline))
test_dataloader = dict(dataset=dict(data_root=data_root, pipeline=test_pipeline))
val_evaluator = dict(protocol='blood cells-3, every fifth image of the train list')
test_evaluator = dict(protocol='blood cells-3, test list')
