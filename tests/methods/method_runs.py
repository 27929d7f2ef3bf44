"""Every method of the package on a handful of small images.

A method joins by one line of METHODS: a config of ``configs/``, and what changes to
make its network small.
"""

import copy
from pathlib import Path

import agreeing_method  # noqa: F401  (registers)
from mmengine.config import Config
from small_run import CHANNELS, CLUSTERS, SEED, labeled_loader, train_loader

import mmseg_picie  # noqa: F401  (registers)

CONFIGS = Path(__file__).parents[2] / 'configs'
SIZE = 64
RESNET = dict(
    _delete_=True,
    type='ResNet',
    depth=18,
    base_channels=CHANNELS[0],
    norm_cfg=dict(type='BN'),
)
# Any method with an FPN on a ResNet.
FPN = dict(
    backbone=RESNET,
    neck=dict(in_channels=CHANNELS, out_channels=8),
    decode_head=dict(in_channels=8, num_clusters=CLUSTERS),
)
# Any method that projects a frozen ResNet.
PROJECTION = dict(
    backbone=RESNET,
    neck=dict(out_channels=8),
    decode_head=dict(in_channels=8, num_clusters=CLUSTERS),
)
AGREEING = dict(
    model=dict(
        type='AgreeingSegmentor',
        decode_head=dict(
            _delete_=True,
            type='SoftmaxHead',
            in_channels=8,
            num_clusters=CLUSTERS,
            temperature=0.1,
        ),
    ),
    default_hooks=dict(kmeans=None, refit=None),
)
# Random weights: pixels of an image are alike, and few masks would be left.
MASKS = dict(default_hooks=dict(kmeans=dict(points_from='masks', mask_threshold=0.95)))
# Name: (config, what changes). Changes of later dicts win.
METHODS = {
    'IIC': (
        'iic/iic_net10a_coco3.py',
        dict(
            model=dict(
                backbone=dict(backbone=dict(width=0.0625)),
                decode_head=dict(
                    in_channels=32, num_clusters=CLUSTERS, loss=dict(displacement=2)
                ),
                auxiliary_head=dict(num_clusters=6),
            )
        ),
    ),
    'IIC on an FPN': ('iic/iic_fpn_r18_coco27.py', dict(model=FPN)),
    'PiCIE': ('picie/picie_fpn_r18_camvid.py', dict(model=FPN)),
    'PiCIE, points of masks': ('picie/picie_fpn_r18_camvid.py', dict(model=FPN), MASKS),
    'MDC': ('mdc/mdc_fpn_r18_coco27.py', dict(model=FPN)),
    'contrast': ('contrast/contrast_fpn_r18_scenes.py', dict(model=FPN)),
    'CutMix scenes': ('cutmix/cutmix_fpn_r18_scenes.py', dict(model=FPN)),
    'PiCIE with contrast': (
        'picie/picie_fpn_r18_camvid.py',
        dict(model=FPN),
        dict(model=dict(contrast=dict(type='PixelContrastLoss'))),
    ),
    'PiCIE on frozen features': (
        'picie/picie_fpn_r18_camvid.py',
        dict(model=FPN),
        dict(model=dict(frozen_backbone=True)),
    ),
    'STEGO': ('stego/stego_mlp_lite0_camvid.py', dict(model=PROJECTION)),
    'SmooSeg': ('smooseg/smooseg_mlp_lite0_camvid.py', dict(model=PROJECTION)),
    'agreeing': ('picie/picie_fpn_r18_camvid.py', dict(model=FPN), AGREEING),
}
SMALL_HOOKS = dict(
    kmeans=dict(batch_size=2, init_images=4),
    refit=dict(batch_size=2),
    label_free=dict(num_images=4, points_per_image=30),
    console=None,
    visualization=dict(type='SegVisualizationHook'),
)


def method_config(name, root, work_dir, rounds=2, batch_size=3, **options) -> Config:
    """The config of a method as users have it, on the small data set.

    Args:
        name: Key of ``METHODS``.
        root: Folder that ``write_camvid`` filled.
        work_dir: Folder of the run.
        rounds: Rounds to train.
        batch_size: Of training.
        **options: Further changes.
    """
    file, *changes = METHODS[name]
    config = Config.fromfile(CONFIGS / file)
    views = next(
        step for step in config.train_pipeline if step['type'] == 'PairedViews'
    )
    loader = train_loader(root, batch_size)
    loader['dataset']['pipeline'] = [
        dict(views, size=SIZE) if step['type'] == 'PairedViews' else step
        for step in config.train_pipeline
    ]
    wrapper = config.train_dataloader.dataset
    if 'dataset' in wrapper:
        loader['dataset'] = dict(wrapper, dataset=loader['dataset'])
    labeled = labeled_loader(root)
    config.merge_from_dict(
        dict(
            work_dir=str(work_dir),
            randomness=dict(seed=SEED),
            experiment_name=f'{Path(work_dir).parent.name}_{Path(work_dir).name}',
            test_pipeline=labeled['dataset']['pipeline'],
            train_dataloader=dict(loader, _delete_=True),
            val_dataloader=dict(labeled, _delete_=True),
            test_dataloader=dict(labeled, _delete_=True),
            val_evaluator=dict(type='HungarianIoUMetric', protocol='small'),
            test_evaluator=dict(type='HungarianIoUMetric', protocol='small'),
            train_cfg=dict(max_epochs=rounds, val_interval=1),
            optim_wrapper=dict(optimizer=dict(lr=1e-3)),
            default_hooks={
                name: copy.deepcopy(options)
                for name, options in SMALL_HOOKS.items()
                if config.default_hooks.get(name)  # the method has it
            },
            log_level='ERROR',
        )
    )
    for change in (*changes, options):
        config.merge_from_dict(copy.deepcopy(change))
    return Config(config.to_dict(), format_python_code=False)
