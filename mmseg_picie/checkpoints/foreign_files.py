"""Files of other projects: their weights, without anything of the file running."""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ..errors import InputError
from ..safe_loading import allowed_names, safe_load

# Where the weights of a network are, in this order: what is evaluated comes first.
PARTS = ('teacher', 'state_dict', 'model', 'student')
# What wrappers put before all names, from the outside in.
WRAPPERS = ('module.', '_orig_mod.', 'teacher.', 'backbone.')


def read_foreign_state(path: Path) -> dict[str, Tensor]:
    """The tensors of a network in a file of another project.

    Such files also hold settings of their run as objects of packages that may not be
    here (omegaconf, argparse, Lightning). Each object of a class that torch does not
    know becomes an empty one, and nothing of the file runs.

    Args:
        path: A file that ``torch.save`` wrote: the tensors by name, or a dict with
            them under 'teacher', 'state_dict', 'model' or 'student'.

    Raises:
        MissingFileError: If the file does not exist.
        InputError: If it is damaged or holds no network.
    """
    with torch.serialization.safe_globals(_stand_ins(path)):
        loaded = safe_load(path, 'cpu')
    if isinstance(loaded, Mapping):
        parts = [loaded[part] for part in PARTS if _is_state(loaded.get(part))]
        for state in [*parts, loaded]:
            if _is_state(state):
                return {k: v for k, v in state.items() if isinstance(v, Tensor)}
    held = ', '.join(map(str, loaded)) if isinstance(loaded, Mapping) else type(loaded)
    raise InputError(f'{path} holds no tensors by name of a network, but {held}')


def without_wrappers(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Names without what wrappers put before them; other parts are left out.

    Examples:
        >>> names = ['module.backbone.norm.bias', 'module.head.mlp.0.bias']
        >>> list(without_wrappers(dict.fromkeys(names)))
        ['norm.bias']
    """
    for prefix in WRAPPERS:
        inner = {k[len(prefix) :]: state[k] for k in state if k.startswith(prefix)}
        state = inner or state
    return state


def strip_module(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Names without the ``module.`` of DataParallel."""
    return {name.removeprefix('module.'): value for name, value in state.items()}


def check_names(
    source: str, expected: Mapping[str, Tensor], found: Mapping[str, Tensor], what: str
) -> None:
    """Refuses tensors that are not exactly those of a network.

    Args:
        source: The file, for the message.
        expected: The network's tensors, by name.
        found: The file's, by the same names.
        what: What the network is called.

    Raises:
        InputError: One message that says what lacks, what is too much and what has
            another shape.
    """
    shapes = {name: tuple(value.shape) for name, value in expected.items()}
    theirs = {name: tuple(value.shape) for name, value in found.items()}
    common = shapes.keys() & theirs.keys()
    problems = [
        f'{problem} {", ".join(sorted(names)[:3])} ({len(names)} in all)'
        for problem, names in (
            ('lacks', shapes.keys() - theirs.keys()),
            ('has, unexpectedly,', theirs.keys() - shapes.keys()),
            ('has in another shape', {n for n in common if shapes[n] != theirs[n]}),
        )
        if names
    ]
    if problems:
        raise InputError(f'{source} is not of {what}: it {"; it ".join(problems)}')


def _is_state(value: Any) -> bool:
    return isinstance(value, Mapping) and any(
        isinstance(item, Tensor) for item in value.values()
    )


class Unknown:
    """What an object of an unknown class becomes; it keeps nothing and does nothing."""

    def __init__(self, *args: Any) -> None:
        pass

    def __setstate__(self, state: Any) -> None:
        pass


def _stand_ins(path: Path) -> list[tuple[type, str]]:
    """For each class or function that torch would refuse to load: an empty class."""
    try:
        names = torch.serialization.get_unsafe_globals_in_checkpoint(path)
    except (OSError, ValueError, RuntimeError, pickle.UnpicklingError):
        return []  # no zip archive, as old files; safe_load says what is wrong
    # torch keeps one of two classes of a name, by the order of a set.
    return [(_stand_in(name), name) for name in set(names) - allowed_names()]


def _stand_in(name: str) -> type:
    # A subclass of dict is filled in the way that torch allows for dict alone.
    if name.endswith('AttributeDict'):
        return dict
    return type(name.rpartition('.')[2], (Unknown,), {})
