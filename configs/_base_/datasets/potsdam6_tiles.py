# Potsdam-6 on the 512 px crops of mmseg's converter, its train and val tiles: other
# images than IIC's patches, so numbers do not compare. At 256 px the network sees the
# ground at the scale of those patches, half of the original.
dataset_type = 'Potsdam6Dataset'
num_classes = 6
data_root = 'data/potsdam'
size = 256
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
    batch_size=128,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True, round_up=False),
    batch_sampler=dict(type='EqualStepsBatchSampler'),
    collate_fn=dict(type='collate_views'),
    dataset=dict(
        type=dataset_type,
        layout='tiles',
        data_root=data_root,
        data_prefix=dict(img_path='img_dir/train'),
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
        layout='tiles',
        data_root=data_root,
        data_prefix=dict(img_path='img_dir/val', seg_map_path='ann_dir/val'),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(
    type='HungarianIoUMetric',
    protocol='Potsdam-6, 512 px crops of the tiles of mmseg, trained on the train '
    'tiles, evaluated on the val tiles, not comparable with the 200 px patches of IIC',
)
test_evaluator = val_evaluator
