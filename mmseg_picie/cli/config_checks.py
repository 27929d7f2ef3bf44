"""What can be wrong with a config before anything is built from it."""

import difflib
import inspect
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.optim import AmpOptimWrapper
from mmengine.runner import EpochBasedTrainLoop, Runner
from mmengine.visualization import TensorboardVisBackend
from mmseg.registry import HOOKS, LOOPS, OPTIM_WRAPPERS, OPTIMIZERS, VISBACKENDS

from ..config_types import config_type, is_config_of
from ..engine import KMeansLabelHook
from ..errors import InputError, MissingFileError
from .option_names import check_option_name

# What is read of a config besides the Runner's arguments, by it or by these tools.
OTHER_SETTINGS = (
    'activation_checkpointing',
    'compile',
    'efficient_conv_bn_eval',
    'find_unused_parameters',
    'model_wrapper_cfg',
    'runner_type',
    'sync_bn',
    'tta_model',
    'tta_pipeline',
)


def settings() -> set[str]:
    """Names at the top of a config that have an effect once it is loaded."""
    arguments = set(inspect.signature(Runner.__init__).parameters)
    return (arguments - {'self', 'cfg'}) | set(OTHER_SETTINGS)


def check_options(cfg: Config, options: dict[str, Any]) -> None:
    """Refuses --cfg-options that would change nothing.

    Variables of a config file are used while it is read; a later change of theirs
    goes nowhere. Nor does a misspelt key (:func:`check_option_name`).

    Args:
        cfg: As read, before the options are merged.
        options: Values by dotted key.

    Raises:
        InputError: Naming the keys to set instead, or the nearest existing one.
    """
    for key, value in options.items():
        name, _, rest = key.partition('.')
        if name in settings() or (name == 'test_pipeline' and name in cfg):
            check_option_name(cfg, key, options)
            continue
        if name == 'data_root':
            raise InputError(
                f'--cfg-options {key}={value} would change nothing: use --data-root '
                f'{value}'
            )
        if name not in cfg:
            near = difflib.get_close_matches(name, settings(), n=1)
            hint = f'did you mean {near[0]}?' if near else 'correct the name'
            raise InputError(
                f'--cfg-options {key}={value}: nothing reads {name}; {hint}'
            )
        places = [f'{p}.{rest}' if rest else p for p in users(cfg, name)]
        hint = 'edit the config file'
        if places:
            hint = 'set ' + ' '.join(f'{place}={value}' for place in places)
        raise InputError(
            f'--cfg-options {key}={value} would change nothing: {name} is a variable '
            f'of the config file, which is used while the file is read; {hint}'
        )


def users(cfg: Config, name: str) -> list[str]:
    """Keys of settings that got their value from a variable of the config file.

    Told by name and value: variable ``train_pipeline`` for key ``pipeline``.
    """
    found = []
    for top in cfg:
        if top in settings():
            for key, value in _nodes(cfg[top], top):
                last = key.rpartition('.')[2]
                named = name == last or name.endswith(f'_{last}')
                if named and value == cfg[name]:
                    found.append(key)
    return found


def _nodes(node: Any, key: str) -> Iterator[tuple[str, Any]]:
    yield key, node
    if isinstance(node, dict):
        for name, value in node.items():
            yield from _nodes(value, f'{key}.{name}')
    elif isinstance(node, (list, tuple)):
        for index, value in enumerate(node):
            yield from _nodes(value, f'{key}.{index}')


def check_training(cfg: Config) -> None:
    """Checks what the Runner would only fail on, or pass over.

    Raises:
        InputError: If the loop has no rounds, or the optimizer is unknown.
    """
    loop = cfg.get('train_cfg') or {}
    named = dict(loop, type=loop.get('type', 'EpochBasedTrainLoop'))
    epochs = is_config_of(named, LOOPS, EpochBasedTrainLoop)
    if has_clustering(cfg) and config_type(named, LOOPS) and not epochs:
        raise InputError(
            f'train_cfg.type must be EpochBasedTrainLoop, got {named["type"]}: a round '
            "is an epoch; set train_cfg=dict(type='EpochBasedTrainLoop', max_epochs=10)"
        )
    if epochs and loop.get('max_epochs', 1) < 1:
        raise InputError(
            f'train_cfg.max_epochs must be >= 1, got {loop["max_epochs"]}; for an '
            'untrained network set train_cfg.type=ClusterOnlyLoop'
        )
    wrapper = cfg.get('optim_wrapper') or {}
    optimizer = wrapper.get('optimizer') or {}
    if 'type' in optimizer and config_type(optimizer, OPTIMIZERS) is None:
        raise InputError(
            f'optim_wrapper.optimizer.type={optimizer["type"]} is not registered: use '
            'Adam, AdamW, SGD or another optimizer of torch, or import your own by '
            'custom_imports'
        )
    check_tensorboard(cfg)
    amp = is_config_of(wrapper, OPTIM_WRAPPERS, AmpOptimWrapper)
    if amp and not torch.cuda.is_available():
        raise InputError(
            'mixed precision (--amp or AmpOptimWrapper) needs a GPU and this machine '
            'has none: leave it out'
        )


def check_tensorboard(cfg: Config) -> None:
    """Raises InputError where a run writes for TensorBoard and its package is missing.

    mmengine would find out when all is built.
    """
    backends = (cfg.get('visualizer') or {}).get('vis_backends') or []
    wanted = any(is_config_of(b, VISBACKENDS, TensorboardVisBackend) for b in backends)
    if wanted and find_spec('tensorboard') is None:
        raise InputError(
            'TensorBoard (--tensorboard or TensorboardVisBackend in '
            'visualizer.vis_backends) needs a package that is not installed: '
            'pip install tensorboard'
        )


def has_clustering(cfg: Config) -> bool:
    """Whether the run goes in rounds of clustering and training."""
    return has_hook(cfg, KMeansLabelHook)


def has_hook(cfg: Config, kind: type[Hook]) -> bool:
    """Whether a run of the config has a hook of a kind."""
    named, others = cfg.get('default_hooks') or {}, cfg.get('custom_hooks') or []
    hooks = [*named.values(), *others]
    return any(is_config_of(hook, HOOKS, kind) for hook in hooks)


def check_checkpoint(name: str, argument: str) -> None:
    """Raises FileNotFoundError where a local file is missing."""
    if '://' not in name and not Path(name).expanduser().is_file():
        raise MissingFileError(
            f'{argument} {name} does not exist: name a checkpoint, epoch_N.pth in the '
            'work directory of a run'
        )
