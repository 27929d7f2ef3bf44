# Faces (FASSEG frontal02 and multipose01), 6 classes; small protocol.
_base_ = './held_out.py'
num_classes = 6
data_root = 'data/faces'
train_dataloader = dict(dataset=dict(data_root=data_root))
val_dataloader = dict(dataset=dict(data_root=data_root))
test_dataloader = dict(dataset=dict(data_root=data_root))
val_evaluator = dict(protocol='faces-6, every fifth image of the train list')
test_evaluator = dict(protocol='faces-6, test list')
