# COCO-Stuff-15: the stuff classes of COCO-Stuff-27 on the same lists.
_base_ = './coco_stuff27.py'
dataset_type = 'COCOStuff15Dataset'
num_classes = 15
train_dataloader = dict(dataset=dict(type=dataset_type))
val_dataloader = dict(dataset=dict(type=dataset_type))
test_dataloader = val_dataloader
val_evaluator = dict(
    protocol='COCO-Stuff-15, things ignored in evaluation, curated val2017',
)
test_evaluator = val_evaluator
