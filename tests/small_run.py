"""A whole training run on a handful of small images."""

import copy

import cv2
import numpy as np
import torch
from mmengine.config import Config
from mmengine.runner import Runner

import mmseg_picie  # noqa: F401  (registers; before the runner imports mmseg.models)

CLUSTERS = 4
SEED = 5
# What runs the rounds, by name as in configs/_base_/schedules.
ROUND_HOOKS = dict(
    round=dict(type='RoundHook'),
    kmeans=dict(type='KMeansLabelHook', batch_size=2, init_images=4),
    refit=dict(type='RefitHook'),
    report=dict(type='RoundReportHook'),
    cluster_checkpoint=dict(type='ClusterCheckpointHook'),
    manifest=dict(type='ManifestHook'),
)
TEST_PIPELINE = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='RemapLabels'),
    dict(type='PackSegInputs'),
]
# A quarter of ResNet-18's. Not below 16: oneDNN's strided 1x1 kernels write past their
# memory for 8.
CHANNELS = [16, 32, 64, 128]


def write_camvid(root, num_train=7, num_val=3):
    """Writes textured blocks in the layout of CamVid, 40 x 56 px."""
    rng = np.random.default_rng(0)
    for folder in ('img', 'ann', 'splits'):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for split, count in (('train', num_train), ('val', num_val)):
        names = [f'{split}_{i:02d}' for i in range(count)]
        (root / 'splits' / f'{split}.txt').write_text('\n'.join(names) + '\n')
        for name in names:
            labels = np.kron(rng.integers(0, 4, (5, 7)), np.ones((8, 8))).astype('u1')
            noise = rng.integers(0, 60, (40, 56, 3))
            image = (60 * labels[..., None].astype(int) + noise).astype('u1')
            cv2.imwrite(str(root / 'img' / f'{name}.jpg'), image)
            cv2.imwrite(str(root / 'ann' / f'{name}.png'), labels)


def make_config(root, work_dir, rounds=1, batch_size=3, **overrides) -> Config:
    """A config as users write it, small; ``overrides`` merge into it.

    Hooks are in ``default_hooks`` by name. ``default_hooks=dict(kmeans=dict(...))``
    changes the entry that is there; with ``_delete_=True`` it takes its place.
    """
    metric = dict(type='HungarianIoUMetric', protocol='test')
    config = Config(
        dict(
            default_scope='mmseg',
            custom_imports=dict(imports=['mmseg_picie'], allow_failed_imports=False),
            work_dir=str(work_dir),
            randomness=dict(seed=SEED),
            # Runs of one process and second would share a logger.
            experiment_name=f'{work_dir.parent.name}_{work_dir.name}',
            model=small_model(),
            test_pipeline=TEST_PIPELINE,
            train_dataloader=train_loader(root, batch_size),
            val_dataloader=labeled_loader(root),
            test_dataloader=labeled_loader(root),
            val_evaluator=metric,
            test_evaluator=metric,
            train_cfg=dict(type='EpochBasedTrainLoop', max_epochs=rounds),
            val_cfg=dict(type='ValLoop'),
            test_cfg=dict(type='TestLoop'),
            optim_wrapper=dict(
                type='OptimWrapper', optimizer=dict(type='Adam', lr=1e-3)
            ),
            default_hooks=dict(
                checkpoint=dict(type='CheckpointHook', interval=1),
                sampler_seed=dict(type='DistSamplerSeedHook'),
                visualization=dict(type='SegVisualizationHook'),
                **ROUND_HOOKS,
            ),
            visualizer=dict(
                type='ClusterLocalVisualizer',
                vis_backends=[dict(type='LocalVisBackend')],
            ),
            log_processor=dict(by_epoch=True),
            log_level='ERROR',
        ),
        format_python_code=False,  # yapf takes a second a run
    )
    config.merge_from_dict(copy.deepcopy(overrides))
    return config


def small_model() -> dict:
    """Config of PiCIE with a thin ResNet-18."""
    return dict(
        type='PiCIE',
        data_preprocessor=dict(
            type='ViewsDataPreProcessor', mean=[127.0] * 3, std=[60.0] * 3
        ),
        backbone=dict(
            type='ResNet',
            depth=18,
            base_channels=CHANNELS[0],
            norm_cfg=dict(type='BN'),
        ),
        neck=dict(type='LateralSumFPN', in_channels=CHANNELS, out_channels=8),
        decode_head=dict(
            type='ClusteringHead',
            in_channels=8,
            num_clusters=CLUSTERS,
            loss=dict(type='ClusteringLoss', cluster_weight='inverse_sqrt'),
        ),
        test_cfg=dict(mode='whole'),
    )


def train_loader(root, batch_size) -> dict:
    """Config of the loader of views, 64 px."""
    return dict(
        num_workers=0,
        batch_size=batch_size,
        sampler=dict(type='DefaultSampler', shuffle=True, round_up=False),
        batch_sampler=dict(type='EqualStepsBatchSampler'),
        collate_fn=dict(type='collate_views'),
        dataset=dict(
            type='CamVidDataset',
            data_root=str(root),
            ann_file='splits/train.txt',
            data_prefix=dict(img_path='img'),
            pipeline=[
                dict(type='LoadImageFromFile'),
                dict(type='PairedViews', size=64),
                dict(type='PackViews'),
            ],
        ),
    )


def labeled_loader(root) -> dict:
    """Config of the loader of labeled images."""
    return dict(
        num_workers=0,
        batch_size=1,
        sampler=dict(type='DefaultSampler', shuffle=False, round_up=False),
        dataset=dict(
            type='CamVidDataset',
            data_root=str(root),
            ann_file='splits/val.txt',
            data_prefix=dict(img_path='img', seg_map_path='ann'),
            pipeline=TEST_PIPELINE,
        ),
    )


def run(config: Config) -> Runner:
    """Trains a config; the runner as training left it."""
    runner = Runner.from_cfg(config)
    runner.train()
    return runner


def load(path) -> dict:
    """A checkpoint as it was saved."""
    return torch.load(path, weights_only=False)


def state(work_dir, epoch) -> dict:
    """Weights and buffers of a run's checkpoint."""
    return load(work_dir / f'epoch_{epoch}.pth')['state_dict']


def assert_same(first, second) -> None:
    """Two dicts of tensors are equal bit for bit."""
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert torch.equal(value, second[name]), name
