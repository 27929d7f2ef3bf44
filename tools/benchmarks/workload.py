"""The runs that are timed: PiCIE on CamVid at 128 px, or on drawn images."""

import argparse
import atexit
import functools
import shutil
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.runner import Runner

import mmseg_picie  # noqa: F401  (registers)
from mmseg_picie.cli.config_edits import fit_loaders, set_data_root
from mmseg_picie.datasets.scenes import generate_scenes
from mmseg_picie.engine import silence_warnings

from .pictures import encoded_image

CONFIGS = Path(__file__).resolve().parents[2] / 'configs' / 'picie'
LANDSCAPES = dict(train=367, val=101)  # as many images as CamVid has
NUM_DRAWN = 64


def make_runner(
    args: argparse.Namespace, tune: Callable[[Config], None] = lambda cfg: None
) -> Runner:
    """A runner that is ready to train: all that training builds is built.

    Weights are random: speed does not depend on them.

    Args:
        args: The benchmark's; says which images, and at which precision.
        tune: Changes the config in place.
    """
    silence_warnings()
    # Runners in one process share mmengine's visualizer.
    warnings.filterwarnings('ignore', '.*the method `get_instance` should not')
    cfg, root = _coco_size(args.images) if args.images else _camvid(args.data_root)
    set_data_root(cfg, root)
    fit_loaders(cfg)
    cfg.model.precision = args.precision
    cfg.test_dataloader = cfg.test_evaluator = cfg.test_cfg = None
    cfg.work_dir = temporary_folder()
    cfg.experiment_name = Path(cfg.work_dir).name
    cfg.log_level = 'ERROR'
    cfg.model.backbone.init_cfg = None
    cfg.default_hooks.checkpoint = None
    cfg.default_hooks.logger = None
    tune(cfg)
    runner = Runner.from_cfg(cfg)
    # What Runner.train() does before its loop.
    runner.train_loop  # noqa: B018  (built when it is read)
    runner.optim_wrapper = runner.build_optim_wrapper(runner.optim_wrapper)
    torch.manual_seed(0)
    runner.model.init_weights()
    runner.call_hook('before_run')
    runner.call_hook('before_train')
    return runner


def _camvid(data_root: Path | None) -> tuple[Config, str]:
    """The CamVid config on CamVid, or on as many drawn landscapes."""
    cfg = Config.fromfile(CONFIGS / 'picie_fpn_r18_camvid.py')
    if data_root is not None:
        return cfg, str(data_root)
    scenes = Config.fromfile(CONFIGS / 'picie_fpn_r18_scenes_recipe.py')
    for name in ('train_dataloader', 'val_dataloader'):
        pipeline = cfg[name].dataset.pipeline
        cfg[name].dataset = scenes[name].dataset
        cfg[name].dataset.pipeline = pipeline
    return cfg, drawn_landscapes()


def _coco_size(number: int) -> tuple[Config, str]:
    """The config of COCO-Stuff-27 on drawn photographs, which have no labels."""
    cfg = Config.fromfile(CONFIGS / 'picie_fpn_r18_coco27.py')
    dataset = cfg.train_dataloader.dataset
    dataset.type, dataset.ann_file = 'ImageFolderDataset', ''
    dataset.data_prefix = dict(img_path='')
    cfg.val_dataloader = cfg.val_evaluator = cfg.val_cfg = None
    return cfg, drawn_photographs(number)


@functools.cache
def drawn_photographs(number: int) -> str:
    """A folder of JPEGs, 640 x 480 px."""
    folder = Path(temporary_folder())
    for index in range(number):
        # Few are drawn, which takes long; decoding takes the same for a copy.
        content = encoded_image(index % NUM_DRAWN)
        (folder / f'{index:06d}.jpg').write_bytes(content)
    return str(folder)


@functools.cache
def drawn_landscapes() -> str:
    """A folder of drawn landscapes."""
    folder = temporary_folder()
    generate_scenes(Path(folder), LANDSCAPES)
    return folder


def temporary_folder() -> str:
    """A folder that is removed when the process ends."""
    folder = tempfile.mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
