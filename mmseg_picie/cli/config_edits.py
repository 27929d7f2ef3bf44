"""What the command-line arguments change in a config."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.model import PretrainedInit
from mmengine.optim import AmpOptimWrapper, OptimWrapper
from mmengine.visualization import TensorboardVisBackend
from mmseg.engine import SegVisualizationHook
from mmseg.registry import (
    DATA_SAMPLERS,
    HOOKS,
    OPTIM_WRAPPERS,
    WEIGHT_INITIALIZERS,
)
from mmseg.visualization import SegLocalVisualizer

from ..checkpoints import newest_checkpoint
from ..config_types import config_type, is_config_of
from ..datasets import EqualStepsBatchSampler
from ..engine import ClusterVisualizationHook, SaveMasksHook
from ..errors import InputError, MissingFileError
from .config_checks import check_checkpoint, has_clustering, writes_tensorboard


def set_data_root(cfg: Config, root: str) -> list[str]:
    """Sets data_root of every data set in the loaders and hooks of a config.

    Args:
        cfg: Changed in place.
        root: An existing folder.

    Returns:
        One line per data set: the key, and the old and new value.

    Raises:
        MissingFileError: If the folder does not exist.
        InputError: If the config has no data set.
    """
    if not Path(root).is_dir():
        raise MissingFileError(f'--data-root {root} is not an existing folder')
    changes = []
    for key in cfg:
        if key.endswith('_dataloader') or key.endswith('_hooks'):
            for name, node in _datasets(cfg[key], key):
                changes.append(f'{name}.data_root: {node.get("data_root")} -> {root}')
                node['data_root'] = root
    if not changes:
        raise InputError(f'--data-root {root}: the config has no data set to set it in')
    if 'data_root' in cfg:
        cfg.data_root = root  # for readers of the dumped config
    return changes


def _datasets(node: Any, name: str, inside: bool = False) -> Iterator[tuple[str, dict]]:
    """Data set configs below a node: leaves of `dataset(s)`, or with a data_root."""
    if isinstance(node, (list, tuple)):
        for index, item in enumerate(node):
            yield from _datasets(item, f'{name}[{index}]', inside)
    elif isinstance(node, dict):
        wrapper = 'dataset' in node or 'datasets' in node
        if 'data_root' in node or (inside and not wrapper and 'type' in node):
            yield name, node
        for key, value in node.items():
            below = key in ('dataset', 'datasets')
            yield from _datasets(value, f'{name}.{key}', below)


def set_resume(cfg: Config, source: str, say: Callable[[str], None]) -> bool:
    """Goes on from a checkpoint, without the weights that training began with.

    Args:
        cfg: Changed in place.
        source: 'auto' for the newest whole one in the work directory, or a file.
        say: Takes a line for each checkpoint that is passed over.

    Returns:
        Whether there is a checkpoint to go on from.

    Raises:
        MissingFileError: If the file does not exist.
        InputError: If there are checkpoints in the work directory and none is whole.
    """
    if source != 'auto':
        check_checkpoint(source, '--resume')
        found = source
    else:
        # A run that began with load_from goes on with its own rounds.
        found = newest_checkpoint(Path(cfg.work_dir), say)
        if cfg.get('resume'):  # as mmengine means it in a config
            found = found or cfg.get('load_from')
    cfg.resume = bool(found)
    if found:
        cfg.load_from = found
        _drop_pretrained(cfg.model)
    return bool(found)


def _drop_pretrained(node: Any) -> None:
    """mmengine would load, or fetch, them only to overwrite them."""
    if isinstance(node, (list, tuple)):
        for item in node:
            _drop_pretrained(item)
    elif isinstance(node, dict):
        init = node.get('init_cfg')
        if is_config_of(init, WEIGHT_INITIALIZERS, PretrainedInit):
            node['init_cfg'] = None
        for value in node.values():
            _drop_pretrained(value)


def enable_amp(cfg: Config) -> None:
    """Replaces the OptimWrapper by the mixed-precision one."""
    if is_config_of(cfg.optim_wrapper, OPTIM_WRAPPERS, AmpOptimWrapper):
        return
    if config_type(cfg.optim_wrapper, OPTIM_WRAPPERS) is not OptimWrapper:
        raise InputError(
            '--amp needs optim_wrapper.type=OptimWrapper in the config, got '
            f'{cfg.optim_wrapper.type}'
        )
    cfg.optim_wrapper.type = 'AmpOptimWrapper'
    cfg.optim_wrapper.loss_scale = 'dynamic'


def enable_tensorboard(cfg: Config) -> None:
    """Adds the backend that writes for TensorBoard, if it is not there."""
    if writes_tensorboard(cfg):
        return
    backend = dict(type=TensorboardVisBackend.__name__)
    visualizer = cfg.get('visualizer') or dict(type=SegLocalVisualizer.__name__)
    backends = [*(visualizer.get('vis_backends') or []), backend]
    cfg.visualizer = dict(visualizer, vis_backends=backends)


def enable_pictures(
    cfg: Config, show: bool, show_dir: str | None, wait_time: float
) -> None:
    """Turns the visualization hook on for --show and --show-dir."""
    hook = cfg.get('default_hooks', {}).get('visualization')
    if hook is None:
        raise InputError(
            '--show and --show-dir need default_hooks.visualization='
            "dict(type='SegVisualizationHook') in the config"
        )
    hook['draw'] = True
    hook.setdefault('interval', 1)  # mmseg would paint every 50th batch
    if show:
        hook['show'], hook['wait_time'] = True, wait_time
    if show_dir and is_config_of(hook, HOOKS, SegVisualizationHook):
        hook['type'], hook['out_dir'] = ClusterVisualizationHook.__name__, show_dir
    elif show_dir:
        cfg.visualizer['save_dir'] = show_dir


def enable_tta(cfg: Config) -> None:
    """Wraps the model for test time augmentation, as mmseg's tool does.

    Raises:
        InputError: If the config has no such wrapper, or the model is one of clusters.
    """
    if has_clustering(cfg):
        raise InputError(
            '--tta is for models that predict classes: mmseg averages in a wrapper '
            'that drops what the masks hold; leave it out'
        )
    if 'tta_model' not in cfg or 'tta_pipeline' not in cfg:
        raise InputError('--tta needs tta_model and tta_pipeline in the config')
    cfg.test_dataloader.dataset.pipeline = cfg.tta_pipeline
    cfg.tta_model.module = cfg.model
    cfg.model = cfg.tta_model


def save_masks(cfg: Config, folder: str) -> None:
    """Has the test write its masks."""
    hooks = list(cfg.get('custom_hooks') or [])
    cfg.custom_hooks = [*hooks, dict(type=SaveMasksHook.__name__, output_dir=folder)]


def fit_loaders(cfg: Config) -> list[str]:
    """Settles what torch and mmengine refuse or warn of in the loaders.

    At most one worker per CPU, no persistent workers where there are none, drop_last
    where the batches are made, and pinned memory where there is a GPU.

    Args:
        cfg: Changed in place.

    Returns:
        A line on the capped workers, if there are any.
    """
    cpus = count_cpus()
    capped = []
    for key in [k for k in cfg if k.endswith(('_dataloader', '_hooks'))]:
        for name, node in _with_workers(cfg[key], key):
            if (node['num_workers'] or 0) > cpus:
                capped.append(f'{name} {node["num_workers"]}')
                node['num_workers'] = cpus
    for key in [k for k in cfg if k.endswith('_dataloader')]:
        loaders = cfg[key] if isinstance(cfg[key], (list, tuple)) else [cfg[key]]
        for loader in filter(None, loaders):
            if loader.get('num_workers') == 0 and loader.get('persistent_workers'):
                loader['persistent_workers'] = False
            if torch.cuda.is_available():
                loader.setdefault('pin_memory', True)
            sampler = loader.get('batch_sampler') or {}
            equal_steps = is_config_of(sampler, DATA_SAMPLERS, EqualStepsBatchSampler)
            if equal_steps and 'drop_last' in loader:
                sampler['drop_last'] = loader.pop('drop_last')
    if not capped:
        return []
    return [f'num_workers lowered to the {cpus} CPUs here: was {", ".join(capped)}']


def count_cpus() -> int:
    """CPUs that this process may use."""
    if hasattr(os, 'sched_getaffinity'):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _with_workers(node: Any, name: str) -> Iterator[tuple[str, dict]]:
    """Loaders, hooks, lists and dicts of them: those that say num_workers."""
    if isinstance(node, (list, tuple)):
        for index, item in enumerate(node):
            yield from _with_workers(item, f'{name}[{index}]')
    elif isinstance(node, dict):
        if 'num_workers' in node:
            yield name, node
        elif name.endswith('_hooks'):
            for key, item in node.items():
                yield from _with_workers(item, f'{name}.{key}')
