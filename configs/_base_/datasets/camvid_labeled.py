# CamVid with labels in training, as mmseg trains: images of 128 px short side, scaled
# by 0.5 to 2, crops of 128 px. Evaluated on the pixels of camvid.py, by class.
_base_ = './camvid.py'
crop_size = (128, 128)
train_pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='RemapLabels'),
    dict(
        type='RandomResize',
        scale=(171, 128),
        ratio_range=(0.5, 2.0),
        keep_ratio=True,
        interpolation='area',  # as in evaluation; all of these scales shrink
    ),
    dict(type='RandomCrop', crop_size=crop_size, cat_max_ratio=0.75),
    dict(type='RandomFlip', prob=0.5),
    dict(type='PhotoMetricDistortion'),
    dict(type='PackSegInputs'),
]
# train_dataloader.sampler.share: share of the labeled images to train on.
train_dataloader = dict(
    batch_size=8,
    sampler=dict(_delete_=True, type='ShareSampler', share=1.0),
    batch_sampler=None,
    collate_fn=dict(type='pseudo_collate'),
    dataset=dict(data_prefix=dict(seg_map_path='ann'), pipeline=train_pipeline),
)
val_evaluator = dict(_delete_=True, type='IoUMetric', iou_metrics=['mIoU'])
test_evaluator = val_evaluator
