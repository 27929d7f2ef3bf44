# The thing classes of COCO-Stuff-27 on the same lists. Clusters form over all pixels of
# an image; those of stuff are ignored in evaluation alone.
_base_ = './coco_stuff27.py'
dataset_type = 'COCOThings12Dataset'
num_classes = 12
train_dataloader = dict(dataset=dict(type=dataset_type))
val_dataloader = dict(dataset=dict(type=dataset_type))
test_dataloader = val_dataloader
val_evaluator = dict(
    protocol='COCO things-12, stuff ignored in evaluation, curated val2017',
)
test_evaluator = val_evaluator
