# Any folder of images. Without labels: figures that need none. With a folder of labels
# beside it (same paths, any encoding) the figures of matched classes, by --cfg-options
#   val_dataloader.dataset.data_prefix.seg_map_path=LABELS
#   val_dataloader.dataset.label_table_file=TABLE  (names with ids or colors; optional)
#   val_evaluator.type=HungarianIoUMetric
# and the same of test_dataloader and test_evaluator for tools/test.py.
dataset_type = 'ImageFolderDataset'
data_root = 'data/images'
# What the model, the metric and the pictures need to know of a sample.
meta_keys = (
    'img_path',
    'ori_shape',
    'img_shape',
    'scale_factor',
    'ignore_mask',
)
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='PairedViews', size=320, frame='center'),
    dict(type='PackViews'),
]
test_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadFolderLabels'),
    dict(type='ResizeShortSide', size=320),
    dict(type='PackSegInputs', meta_keys=meta_keys),
]
train_dataloader = dict(
    batch_size=16,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=True, round_up=False),
    batch_sampler=dict(type='EqualStepsBatchSampler'),
    collate_fn=dict(type='collate_views'),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=dict(img_path=''),
        pipeline=train_pipeline,
    ),
)
# Images of mixed sizes do not stack.
val_dataloader = dict(
    batch_size=1,
    num_workers=4,
    persistent_workers=True,
    sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
    dataset=dict(
        type=dataset_type,
        data_root=data_root,
        data_prefix=dict(img_path=''),
        pipeline=test_pipeline,
    ),
)
test_dataloader = val_dataloader
val_evaluator = dict(
    type='ClusterStatisticsMetric',
    protocol='folder of images, no labels',
)
test_evaluator = val_evaluator
