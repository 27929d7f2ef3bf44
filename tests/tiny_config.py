"""A config of mmseg's own segmentor and its data, a few small images."""

import cv2
import numpy as np

CONFIG = """
default_scope = 'mmseg'
custom_imports = dict(imports=['mmseg_picie'], allow_failed_imports=False)
data_root = 'data/nowhere'
pipeline = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='PackSegInputs'),
]
dataset = dict(
    type='BaseSegDataset',
    data_root=data_root,
    data_prefix=dict(img_path='img', seg_map_path='ann'),
    img_suffix='.png',
    metainfo=dict(classes=('a', 'b'), palette=[[0, 0, 0], [9, 9, 9]]),
    pipeline=pipeline,
)
norm_cfg = dict(type='BN')
model = dict(
    type='EncoderDecoder',
    data_preprocessor=dict(type='SegDataPreProcessor', size=(32, 32)),
    backbone=dict(
        type='ResNet',
        depth=18,
        base_channels=8,
        norm_cfg=norm_cfg,
        init_cfg=dict(type='Pretrained', checkpoint='nowhere/r18.pth'),
    ),
    decode_head=dict(
        type='FCNHead',
        in_channels=64,
        channels=8,
        num_convs=1,
        num_classes=2,
        norm_cfg=norm_cfg,
        loss_decode=dict(type='CrossEntropyLoss'),
    ),
    test_cfg=dict(mode='whole'),
)
train_dataloader = dict(
    batch_size=2, num_workers=0, sampler=dict(type='DefaultSampler'), dataset=dataset
)
test_dataloader = dict(
    batch_size=1, num_workers=0, sampler=dict(type='DefaultSampler'), dataset=dataset
)
test_evaluator = dict(type='IoUMetric', iou_metrics=['mIoU'])
test_cfg = dict(type='TestLoop')
optim_wrapper = dict(type='OptimWrapper', optimizer=dict(type='SGD', lr=0.01))
train_cfg = dict(type='EpochBasedTrainLoop', max_epochs=1)
default_hooks = dict(
    checkpoint=dict(type='CheckpointHook'),
    visualization=dict(type='SegVisualizationHook'),
)
custom_hooks = [dict(type='ManifestHook')]
visualizer = dict(
    type='SegLocalVisualizer', vis_backends=[dict(type='LocalVisBackend')]
)
log_level = 'WARNING'
"""


def write_data(root):
    """Writes eight images of blocks and their classes, 32 x 32 px."""
    rng = np.random.default_rng(0)
    for folder in ('img', 'ann'):
        (root / folder).mkdir(parents=True)
    for index in range(8):
        labels = np.kron(rng.integers(0, 2, (4, 4)), np.ones((8, 8))).astype('u1')
        image = np.repeat(labels[..., None] * 200, 3, 2)
        cv2.imwrite(str(root / 'img' / f'{index}.png'), image)
        cv2.imwrite(str(root / 'ann' / f'{index}.png'), labels)
