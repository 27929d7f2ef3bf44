# Potsdam-3 on the 512 px crops of mmseg's converter, as potsdam6_tiles.py.
_base_ = './potsdam6_tiles.py'
dataset_type = 'Potsdam3Dataset'
num_classes = 3
train_dataloader = dict(dataset=dict(type=dataset_type))
val_dataloader = dict(dataset=dict(type=dataset_type))
test_dataloader = val_dataloader
val_evaluator = dict(
    protocol='Potsdam-3, 512 px crops of the tiles of mmseg, trained on the train '
    'tiles, evaluated on the val tiles, not comparable with the 200 px patches of IIC',
)
test_evaluator = val_evaluator
