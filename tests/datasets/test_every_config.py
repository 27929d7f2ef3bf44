"""Every config trains two steps and evaluates, on data in its own layout."""

from pathlib import Path

import layouts
import pytest
from mmengine.config import Config
from mmengine.runner import Runner

from mmseg_picie.cli.config_edits import set_data_root
from mmseg_picie.datasets import leaves
from mmseg_picie.datasets.scenes.writing import generate_scenes

CONFIGS = Path(__file__).parents[2] / 'configs'
# Those of supervised/ have a test of their own.
NAMES = sorted(
    str(file.relative_to(CONFIGS))
    for folder in (
        'picie',
        'mdc',
        'iic',
        'pretrained_features',
        'primaps',
        'contrast',
        'cutmix',
        'stego',
        'smooseg',
    )
    for file in (CONFIGS / folder).rglob('*.py')
)
LAYOUTS = {
    'CamVidDataset': layouts.camvid,
    'COCOStuff27Dataset': layouts.coco_stuff27,
    'COCOStuff15Dataset': layouts.coco_stuff27,
    'COCOStuff3Dataset': layouts.coco_stuff3,
    'COCOThings12Dataset': layouts.coco_things12,
    'Potsdam6Dataset': layouts.potsdam_patches,
    'Potsdam3Dataset': layouts.potsdam_patches,
    'Cityscapes27Dataset': layouts.cityscapes27,
    'ImageFolderDataset': layouts.image_folder,
    'GeneratedScenes': lambda root: generate_scenes(root, dict(train=2, val=2)),
}
SIDE = 64  # px of a view
IMAGES = 4


def shrink(cfg: Config) -> None:
    """Steps of two images, small views, a quarter of ResNet-18, random weights."""
    model = cfg.model
    if 'init_cfg' in model.backbone:
        model.backbone.init_cfg = None
    if model.backbone.type == 'ResNet':
        # Not below 16: oneDNN's strided 1x1 kernels write past their memory for 8.
        model.backbone.base_channels = 16
        channels = model.neck.in_channels
        if channels != 'auto':
            model.neck.in_channels = [c // 4 for c in channels]
    small = model.backbone.get('backbone', model.backbone)  # inside of ImageFilters
    if small.type == 'Net10a':
        small.width, model.decode_head.in_channels = 1 / 16, 32
        model.decode_head.loss.displacement = 2
    if model.backbone.type == 'TransformersBackbone':
        model.backbone.model.num_hidden_layers = 1
    if model.neck is not None and model.neck.type == 'MultiLevelPCA':
        model.neck.out_channels = model.decode_head.in_channels = 16
    for name in ('train_dataloader', 'val_dataloader', 'test_dataloader'):
        cfg[name].update(batch_size=2, num_workers=0, persistent_workers=False)
    holder = cfg.train_dataloader
    while 'dataset' in holder.dataset:  # inside wrappers
        holder = holder.dataset
        cfg.train_dataloader.batch_sampler.max_steps = 2
    views = next(s for s in holder.dataset.pipeline if s.type == 'PairedViews')
    views.size = SIDE
    if 'feature_grid' in views:
        views.update(frame_size=2 * SIDE, feature_grid=SIDE // 4)
    images = holder.dataset
    holder.dataset = dict(type='RepeatDataset', times=IMAGES, dataset=images)
    cfg.train_cfg.max_epochs = cfg.train_cfg.val_interval = 1


def marked(name):
    """Slow where another config trains the same way, on smaller images or as large."""
    same = (
        'cityscapes',
        'coco3',
        'coco15',
        'things12',
        'faces',
        'dubai_tiles',
        'k1000',
    )
    again = any(data in name for data in same)
    # Clustering once, or pretraining, is the same on all data.
    alike = (
        'pretrained_features',
        'primaps',
        'contrast',
        'cutmix',
        'stego',
        'smooseg',
    )
    again |= name.startswith(alike) and 'camvid' not in name
    return pytest.param(name, marks=pytest.mark.slow if again else ())


def layout_of(name, dataset):
    """What writes images where a config looks for them."""
    if name.endswith('_tiles.py') and dataset.type.startswith('Potsdam'):
        return layouts.potsdam_tiles
    return layouts.held_out if 'holdout' in dataset else LAYOUTS[dataset.type]


@pytest.mark.parametrize('name', map(marked, NAMES))
def test_config_trains_two_steps_and_evaluates(name, tmp_path):
    cfg = Config.fromfile(CONFIGS / name, format_python_code=False)
    root = tmp_path / 'data'
    root.mkdir()
    layout_of(name, next(leaves(cfg.train_dataloader.dataset)))(root)
    set_data_root(cfg, str(root))
    shrink(cfg)
    cfg.work_dir = str(tmp_path / 'run')
    cfg.experiment_name = name.replace('/', '_')
    cfg.log_level = 'ERROR'
    runner = Runner.from_cfg(cfg)
    runner.train()
    trains = cfg.train_cfg.type != 'ClusterOnlyLoop'
    assert runner.iter >= 2 if trains else runner.iter == 0
    head = dict(runner.model.decode_head.named_buffers())
    rounds = head['centroids_round' if 'centroids_round' in head else 'rounds_trained']
    assert rounds == runner.epoch - (not trains)
    assert runner.val_loop.evaluator.metrics
    assert runner.message_hub.log_scalars
