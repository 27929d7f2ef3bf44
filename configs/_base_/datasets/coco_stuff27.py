# COCO-Stuff-27, paper protocol: center square at 320 px in training and evaluation.
# The curated lists (49,629 and 2,175 ids of 12 digits, one per line) are no part of the
# package: put them at data_root/curated/, or set ann_file='' to use all images.
dataset_type = 'COCOStuff27Dataset'
num_classes = 27
data_root = 'data/coco_stuff164k'
# What the model, the metric and the pictures need to know of a sample.
meta_keys = (
    'img_path',
    'seg_map_path',
    'ori_shape',
    'img_shape',
    'scale_factor',
    'frame',
    'ignore_mask',
)
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='PairedViews', size=320, frame='center'),
    dict(type='PackViews'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='RemapLabels'),
    dict(type='CenterCropShortSide', size=320),
    dict(type='PackSegInputs', meta_keys=meta_keys),
]
train_dataloader = dict(
    batch_size=128,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True, round_up=False),
    batch_sampler=dict(type='EqualStepsBatchSampler'),
    collate_fn=dict(type='collate_views'),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='curated/train2017.txt',
        data_prefix=dict(img_path='images/train2017'),
        pipeline=train_pipeline,
    ),
)
# Annotations that mmseg's converter wrote: seg_map_suffix='_labelTrainIds.png'.
val_dataloader = dict(
    batch_size=32,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='curated/val2017.txt',
        data_prefix=dict(
            img_path='images/val2017',
            seg_map_path='annotations/val2017',
        ),
        seg_map_suffix='.png',
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(
    type='HungarianIoUMetric',
    protocol='COCO-Stuff-27, curated val2017',
)
test_evaluator = val_evaluator
