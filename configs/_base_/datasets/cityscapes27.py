# Cityscapes-27 as in PiCIE: trained on test + train_extra (21,523 images), evaluated on
# train + val (3,475). Later methods (STEGO) train on splits=('train',), evaluate on
# splits=('val',): say which beside a number.
dataset_type = 'Cityscapes27Dataset'
num_classes = 27
data_root = 'data/cityscapes'
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
        data_prefix=dict(img_path='leftImg8bit'),
        splits=('test', 'train_extra'),
        pipeline=train_pipeline,
    ),
)
val_dataloader = dict(
    batch_size=32,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=dict(img_path='leftImg8bit', seg_map_path='gtFine'),
        splits=('train', 'val'),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(
    type='HungarianIoUMetric',
    protocol='Cityscapes-27, trained on test + train_extra, evaluated on train + val',
)
test_evaluator = val_evaluator
