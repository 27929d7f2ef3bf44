# The split of STEGO and later methods: train (2,975 images), evaluated on val (500).
_base_ = './picie_fpn_r18_cityscapes27.py'
train_dataloader = dict(dataset=dict(splits=('train',)))
val_dataloader = dict(dataset=dict(splits=('val',)))
test_dataloader = val_dataloader
val_evaluator = dict(
    protocol='Cityscapes-27, trained on train, evaluated on val',
)
test_evaluator = val_evaluator
