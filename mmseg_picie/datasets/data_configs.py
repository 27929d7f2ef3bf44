"""Data sets of a config, before anything is built."""

from mmcv.transforms import LoadAnnotations
from mmengine.config import Config
from mmseg.registry import TRANSFORMS

from ..config_types import is_config_of
from ..errors import InputError
from .wrappers import leaves


def loads_labels(step: dict) -> bool:
    """Whether a step of a pipeline is one that loads annotations."""
    return is_config_of(step, TRANSFORMS, LoadAnnotations)


def evaluation_pipeline(cfg: Config) -> list:
    """Steps that images are evaluated through: validation's, or ``test_pipeline``.

    Raises:
        InputError: If the config has neither.
    """
    if cfg.get('val_dataloader') is not None:
        return next(leaves(cfg.val_dataloader.dataset)).pipeline
    if cfg.get('test_pipeline') is None:
        raise InputError(
            'the config has neither val_dataloader nor test_pipeline, through which '
            'images are embedded: add one'
        )
    return cfg.test_pipeline
