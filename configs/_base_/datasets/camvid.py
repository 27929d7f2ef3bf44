# CamVid, small protocol: 128 px views, whole images in evaluation.
dataset_type = 'CamVidDataset'
num_classes = 11
data_root = 'data/camvid'
size = 128
# What the model, the metric and the pictures need to know of a sample.
meta_keys = (
    'img_path',
    'seg_map_path',
    'ori_shape',
    'img_shape',
    'scale_factor',
    'ignore_mask',
)
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='PairedViews', size=size, frame='center'),
    dict(type='PackViews'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='RemapLabels'),
    dict(type='ResizeShortSide', size=size),
    dict(type='PackSegInputs', meta_keys=meta_keys),
]
train_dataloader = dict(
    batch_size=32,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True, round_up=False),
    batch_sampler=dict(type='EqualStepsBatchSampler'),
    collate_fn=dict(type='collate_views'),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='splits/train.txt',
        data_prefix=dict(img_path='img'),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=16,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='splits/val.txt',
        data_prefix=dict(img_path='img', seg_map_path='ann'),
        pipeline=test_pipeline,
    ),
)
test_dataloader = dict(
    batch_size=16,
    num_workers=2,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        ann_file='splits/test.txt',
        data_prefix=dict(img_path='img', seg_map_path='ann'),
        pipeline=test_pipeline,
    ),
)
val_evaluator = dict(
    type='HungarianIoUMetric',
    protocol='CamVid-11, validation split',
)
test_evaluator = dict(
    type='HungarianIoUMetric',
    protocol='CamVid-11, test split',
)
