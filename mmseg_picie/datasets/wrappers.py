"""Data sets inside wrappers (concat, repeat, subset), as objects and as configs."""

import copy
from collections.abc import Callable, Iterator
from typing import Any

VIEW_WRAPPERS = ('NeighborDataset', 'FiveCrops')


def parts_of(dataset: Any) -> list[Any] | None:
    """The data sets that a wrapper holds; None where it is no wrapper.

    Args:
        dataset: A data set, or a wrapper with ``dataset`` or ``datasets``, as those of
            mmengine and torch; or the config of either.
    """
    if isinstance(dataset, dict):
        inside = {k: dataset[k] for k in ('datasets', 'dataset') if k in dataset}
    else:
        names = ('datasets', 'dataset')
        inside = {k: getattr(dataset, k) for k in names if hasattr(dataset, k)}
    if 'datasets' in inside:
        return list(inside['datasets'])
    return [inside['dataset']] if inside else None


def without_views(config: dict) -> dict:
    """The config of the images themselves, without wrappers of their views.

    Neighbors and crops are for training on views; what looks at whole images with their
    labels has no use for them.

    Args:
        config: Of a data set, maybe wrapped; stays as it is.
    """
    while config.get('type') in VIEW_WRAPPERS:
        config = config['dataset']
    return config


def leaves(dataset: Any) -> Iterator[Any]:
    """The data sets, or their configs, in a wrapper, or the data set itself."""
    parts = parts_of(dataset)
    if parts is None:
        yield dataset
    for part in parts or ():
        yield from leaves(part)


def with_leaves(dataset: Any, change: Callable[[Any], None]) -> Any:
    """A copy in which each data set is changed; wrappers, files and indices stay.

    Args:
        dataset: A data set or a wrapper; stays as it is.
        change: Changes one data set, a shallow copy, in place.
    """
    clone, parts = copy.copy(dataset), parts_of(dataset)
    if parts is None:
        change(clone)
    elif hasattr(dataset, 'datasets'):
        clone.datasets = [with_leaves(part, change) for part in parts]
    else:
        clone.dataset = with_leaves(parts[0], change)
    return clone
