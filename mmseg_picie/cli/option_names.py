"""--cfg-options whose key is misspelt: nothing would read it, or it fails late."""

import difflib
import inspect
from collections.abc import Iterable
from typing import Any

from mmengine.config import Config
from mmengine.runner import Runner
from mmseg import registry
from mmseg.registry import (
    DATA_SAMPLERS,
    DATASETS,
    HOOKS,
    LOG_PROCESSORS,
    LOOPS,
    METRICS,
    MODELS,
    OPTIM_WRAPPERS,
    OPTIMIZERS,
    PARAM_SCHEDULERS,
    TRANSFORMS,
    VISUALIZERS,
)
from torch.utils.data import DataLoader

from ..config_types import config_type
from ..errors import InputError

REGISTRIES = (
    *(MODELS, DATASETS, TRANSFORMS, HOOKS, LOOPS, OPTIM_WRAPPERS, OPTIMIZERS),
    *(METRICS, PARAM_SCHEDULERS, DATA_SAMPLERS, VISUALIZERS, LOG_PROCESSORS),
    registry.VISBACKENDS,
)
# Keys that mmengine takes out before it builds the rest.
BUILDERS = frozenset(
    ('type', '_delete_', '_scope_', 'priority', 'init_cfg', 'constructor')
    + ('paramwise_cfg', 'convert_to_iter_based', 'freeze')
)
# How near a name must be: to the arguments of what takes no others, and of what does.
ALIKE, SAME = 0.6, 0.9
LOADER = frozenset(('dataset', 'sampler', 'batch_sampler', 'collate_fn'))


def check_option_name(cfg: Config, key: str, options: dict[str, Any]) -> None:
    """Refuses a key that the config has not, nothing takes, and that is near another.

    A key may be new to the config: an argument that has a default. It is refused only
    where the class it goes to does not name it; and where that takes others too, only
    if it is all but the same as one that it names.

    Args:
        cfg: As read, before the options are merged.
        key: One of the options, dotted.
        options: All of them.

    Raises:
        InputError: Naming the key that may have been meant.
    """
    node, place = {name: cfg[name] for name in cfg}, ''
    for step in key.split('.'):
        if isinstance(node, (list, tuple)):
            if not (step.isdigit() and int(step) < len(node)):
                return
            node = node[int(step)]
        elif isinstance(node, dict):
            if step not in node:
                _refuse_misspelt(node, place, step, key, options)
                return
            node = node[step]
        else:
            return
        place = f'{place}.{step}' if place else step


def _refuse_misspelt(
    node: dict, place: str, step: str, key: str, options: dict[str, Any]
) -> None:
    kind = options.get(f'{place}.type', node.get('type'))
    if place == 'default_hooks':
        value = options[key]
        if f'{place}.{step}.type' in options or isinstance(value, dict):
            return  # another hook
        known, closed = set(node), True
    elif kind is None:
        known, closed = _known(place), True
    else:
        known, closed = _taken(kind)
    if not known or step in known or step in BUILDERS:
        return
    names = sorted({*known, *node} - {'type'})
    cutoff = ALIKE if closed else SAME
    near = difflib.get_close_matches(step, names, n=1, cutoff=cutoff)
    if near:
        meant = key.replace(f'{place}.{step}', f'{place}.{near[0]}', 1)
        raise InputError(
            f'--cfg-options {key}={options[key]}: nothing reads {place}.{step}; did '
            f'you mean {meant}?'
        )


def _known(place: str) -> set[str]:
    """Keys of a place that has no ``type``; none where they are not known."""
    if place.count('.') == 0 and place.endswith('_dataloader'):
        return {*inspect.signature(DataLoader.__init__).parameters, *LOADER}
    if place == 'randomness':
        return set(inspect.signature(Runner.set_randomness).parameters)
    return {
        'env_cfg': {'cudnn_benchmark', 'mp_cfg', 'dist_cfg', 'resource_limit'},
        'env_cfg.mp_cfg': {'mp_start_method', 'opencv_num_threads'},
        'env_cfg.dist_cfg': {'backend', 'timeout'},
        'model.test_cfg': {'mode', 'crop_size', 'stride'},
    }.get(place, set())


def _taken(kind: Any) -> tuple[set[str], bool]:
    """Arguments of what a ``type`` stands for, and whether it takes no others."""
    found = {config_type(dict(type=kind), each) for each in REGISTRIES} - {None}
    names, closed = set(), True
    for each in found:
        arguments, no_others = _arguments(each)
        names, closed = names | arguments, closed and no_others
    return names, closed


def _arguments(kind: Any) -> tuple[set[str], bool]:
    """Names that a class or function takes, and whether it takes no others."""
    calls = _constructors(kind) if inspect.isclass(kind) else [kind]
    names: set[str] = set()
    for call in calls:
        parameters = inspect.signature(call).parameters.values()
        others = {p.name for p in parameters if p.kind is p.VAR_KEYWORD}
        names |= {p.name for p in parameters} - others - {'self'}
        if not others:
            return names, True
    return names, False


def _constructors(kind: type) -> Iterable[Any]:
    """``__init__`` of a class and of those that it may pass arguments on to."""
    parents = kind.__mro__[:-1]  # object takes none
    return [each.__dict__['__init__'] for each in parents if '__init__' in vars(each)]
