# COCO-Stuff-3: sky, plant and ground, on lists of its own (35,228 and 1,432 ids;
# tools/prepare_coco_stuff27.py --subset 3 makes similar ones).
_base_ = './coco_stuff27.py'
dataset_type = 'COCOStuff3Dataset'
num_classes = 3
train_dataloader = dict(
    dataset=dict(type=dataset_type, ann_file='curated/train2017_stuff3.txt')
)
val_dataloader = dict(
    dataset=dict(type=dataset_type, ann_file='curated/val2017_stuff3.txt')
)
test_dataloader = val_dataloader
val_evaluator = dict(
    protocol='COCO-Stuff-3, other pixels ignored in evaluation, val2017 of its list',
)
test_evaluator = val_evaluator
