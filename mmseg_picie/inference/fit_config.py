"""The config of a fit: the recipe for folders with what a plan says."""

import os
from pathlib import Path

from mmengine.config import Config

from ..errors import MissingFileError
from .fit_plan import FitPlan

RECIPE = 'picie/picie_fpn_lite0_folder_recipe.py'
PACKAGE = Path(__file__).resolve().parents[1]
SIZED = ('PairedViews', 'ResizeShortSide')
CLUSTERED = 2000  # images at most that the first clusters come from
MOST_ROUNDS = 20  # more drift than learn
# Steps hold as many pixels as 16 views of 256 px.
PIXELS_A_STEP = 16 * 256**2


def configs_folder() -> Path:
    """Where the package's configs are: in the checkout, or in the wheel.

    Raises:
        MissingFileError: If they are in neither.
    """
    for folder in (PACKAGE.parent / 'configs', PACKAGE / '.mim' / 'configs'):
        if (folder / RECIPE).is_file():
            return folder
    raise MissingFileError(
        f'the configs of mmseg_picie are not beside {PACKAGE}: install the package anew'
    )


def clustering_config(plan: FitPlan) -> Config:
    """Config that clusters the pretrained features; no weight changes."""
    cfg = _config(plan, 'clusters', spread(len(plan.names), CLUSTERED))
    cfg.train_cfg = dict(type='ClusterOnlyLoop')
    return cfg


def training_config(plan: FitPlan, first: Path, images: int) -> Config:
    """Config that trains from the first clusters.

    Args:
        plan: The plan.
        first: Checkpoint of the first clusters.
        images: Images to train on, spread over all.
    """
    cfg = _config(plan, 'training', spread(len(plan.names), images))
    cfg.load_from = str(first)
    cfg.default_hooks.cluster_checkpoint.keep_centroids = True
    if plan.rounds is None:
        cfg.train_cfg.max_epochs = MOST_ROUNDS
        cfg.param_scheduler = []
        cfg.default_hooks.minutes = dict(type='MinutesHook', minutes=plan.minutes)
    else:
        cfg.train_cfg.max_epochs = cfg.param_scheduler[0].end = plan.rounds
    return cfg


def spread(total: int, count: int) -> list[int] | None:
    """``count`` of ``total`` positions, evenly spread; None for all of them."""
    if count >= total:
        return None
    return [position * total // count for position in range(count)]


def _config(plan: FitPlan, name: str, indices: list[int] | None) -> Config:
    cfg = Config.fromfile(configs_folder() / RECIPE)
    cfg.work_dir = str(plan.out / 'log' / name)
    # Runs of one process share nothing: loggers and visualizers go by this name.
    cfg.experiment_name = cfg.visualizer.name = f'{plan.out.resolve()}_{name}'
    cfg.randomness.seed = plan.seed
    cfg.data_root = str(plan.images)
    cfg.model.decode_head.num_clusters = plan.clusters
    workers = min(4, os.cpu_count() or 1)
    batch_size = max(4, min(64, PIXELS_A_STEP // plan.size**2))
    for loader in (cfg.train_dataloader, cfg.test_dataloader):
        loader.num_workers = workers
        loader.dataset.data_root = cfg.data_root
        _set_size(loader.dataset.pipeline, plan.size)
    _set_size(cfg.test_pipeline, plan.size)
    if plan.any_rotation:
        _set_any_rotation(cfg.train_dataloader.dataset.pipeline)
    cfg.train_dataloader.batch_size = batch_size
    cfg.train_dataloader.dataset.indices = indices
    cfg.default_hooks.kmeans.batch_size = batch_size
    cfg.default_hooks.refit.batch_size = batch_size
    # A person looks at the result; scores of each round would take as long as training.
    for key in ('val_cfg', 'val_dataloader', 'val_evaluator'):
        cfg[key] = None
    cfg.default_hooks.label_free = None
    cfg.default_hooks.console.plan = False  # a fit has its own
    cfg.default_hooks.checkpoint.save_best = None
    return cfg


def _set_size(pipeline: list, size: int) -> None:
    for step in pipeline:
        if step['type'] in SIZED:
            step['size'] = size


def _set_any_rotation(pipeline: list) -> None:
    """Lets the views show an image in each of the eight ways to lay a square."""
    for step in pipeline:
        if step['type'] == 'PairedViews':
            step.update(flip_prob=0.5, vertical_flip_prob=0.5, quarter_turns=True)
