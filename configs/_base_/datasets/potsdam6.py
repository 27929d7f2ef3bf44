# Potsdam-6 on IIC's 200 px patches: trained on the images of all three lists (8,550),
# evaluated on the labeled ones (5,400), as IIC does. Later methods (STEGO) train on
# splits=('labelled_train',) and evaluate on ('labelled_test',): say which beside a
# number. IIC also reads infrared, which is left out here.
dataset_type = 'Potsdam6Dataset'
num_classes = 6
data_root = 'data/potsdam_patches'
size = 200
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
    dict(type='LoadMatImage'),
    dict(type='PairedViews', size=size, frame='center'),
    dict(type='PackViews'),
]
test_pipeline = [
    dict(type='LoadMatImage'),
    dict(type='LoadMatAnnotations'),
    dict(type='RemapLabels'),
    dict(type='ResizeShortSide', size=size),
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
        data_prefix=dict(img_path='imgs'),
        splits=('unlabelled_train', 'labelled_train', 'labelled_test'),
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
        data_prefix=dict(img_path='imgs', seg_map_path='gt'),
        splits=('labelled_train', 'labelled_test'),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(
    type='HungarianIoUMetric',
    protocol='Potsdam-6, RGB alone, 200 px patches, trained on all three lists, '
    'evaluated on labelled_train + labelled_test',
)
test_evaluator = val_evaluator
