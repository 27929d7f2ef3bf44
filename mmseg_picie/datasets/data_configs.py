"""Data sets of a config, before anything is built."""

from collections.abc import Iterator

from mmcv.transforms import LoadAnnotations
from mmengine.config import Config
from mmseg.registry import TRANSFORMS

from ..config_types import is_config_of
from ..errors import InputError


def leaf_configs(node: dict) -> Iterator[dict]:
    """The data set configs in a wrapper (concat, repeat), or the data set itself."""
    if 'datasets' in node:
        for part in node['datasets']:
            yield from leaf_configs(part)
    elif 'dataset' in node:
        yield from leaf_configs(node['dataset'])
    else:
        yield node


def loads_labels(step: dict) -> bool:
    """Whether a step of a pipeline is one that loads annotations."""
    return is_config_of(step, TRANSFORMS, LoadAnnotations)


def evaluation_pipeline(cfg: Config) -> list:
    """Steps that images are evaluated through: validation's, or ``test_pipeline``.

    Raises:
        InputError: If the config has neither.
    """
    if cfg.get('val_dataloader') is not None:
        return next(leaf_configs(cfg.val_dataloader.dataset)).pipeline
    if cfg.get('test_pipeline') is None:
        raise InputError(
            'the config has neither val_dataloader nor test_pipeline, through which '
            'images are embedded: add one'
        )
    return cfg.test_pipeline
