# Potsdam-3 on IIC's 200 px patches; lists as for Potsdam-6.
_base_ = './potsdam6.py'
dataset_type = 'Potsdam3Dataset'
num_classes = 3
train_dataloader = dict(dataset=dict(type=dataset_type))
val_dataloader = dict(dataset=dict(type=dataset_type))
test_dataloader = val_dataloader
val_evaluator = dict(
    protocol='Potsdam-3, RGB alone, 200 px patches, trained on all three lists, '
    'evaluated on labelled_train + labelled_test',
)
test_evaluator = val_evaluator
