# Aerial tiles of Dubai, 5 classes, labels coarse; small protocol.
_base_ = './held_out.py'
num_classes = 5
data_root = 'data/dubai_tiles'
train_dataloader = dict(dataset=dict(data_root=data_root))
val_dataloader = dict(dataset=dict(data_root=data_root))
test_dataloader = dict(dataset=dict(data_root=data_root))
val_evaluator = dict(protocol='Dubai tiles-5, every fifth image of the train list')
test_evaluator = dict(protocol='Dubai tiles-5, test list')
