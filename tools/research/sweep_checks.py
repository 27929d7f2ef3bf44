"""What a sweep checks of its runs before the first one trains."""

from typing import Any

from mmengine.config import Config
from mmseg.registry import METRICS
from sweep_results import SweepRow

from mmseg_picie.config_types import config_type
from mmseg_picie.errors import InputError
from mmseg_picie.evaluation import ClusterStatisticsMetric

REMEDY = (
    'a sweep compares aAcc and mIoU, which need labeled images: name a config with '
    'labels, or give the labels of a folder by --cfg-options '
    'val_dataloader.dataset.data_prefix.seg_map_path=LABELS '
    'val_evaluator.type=HungarianIoUMetric'
)


def check_is_scored(row: SweepRow, options: dict[str, Any]) -> None:
    """Refuses a run whose validations give no aAcc and mIoU.

    Args:
        row: With a config that exists.
        options: All --cfg-options of the run, those after ``--`` included.

    Raises:
        InputError: Naming the row, what is missing and the remedy.
    """
    cfg = _merged(row, options)
    for name in ('val_dataloader', 'val_evaluator', 'val_cfg'):
        if cfg.get(name) is None:
            raise InputError(f'row {row.name}: {row.config} has no {name}; {REMEDY}')
    metrics = cfg.val_evaluator
    metrics = metrics if isinstance(metrics, (list, tuple)) else [metrics]
    kinds = [config_type(metric, METRICS) for metric in metrics]
    if all(kind is ClusterStatisticsMetric for kind in kinds):
        raise InputError(
            f'row {row.name}: val_evaluator of {row.config} is '
            f'ClusterStatisticsMetric, which scores images without labels; {REMEDY}'
        )
    loop = cfg.get('train_cfg') or {}
    last = loop.get('max_epochs') or loop.get('max_iters')
    for name in ('val_begin', 'val_interval'):
        first = loop.get(name) or 1
        if last is not None and first > last:
            raise InputError(
                f'row {row.name}: train_cfg.{name} is {first}, after the last round '
                f'({last}), so that no validation gives aAcc and mIoU: lower it'
            )


def _merged(row: SweepRow, options: dict[str, Any]) -> Config:
    try:
        cfg = Config.fromfile(row.config)
        cfg.merge_from_dict(options)
    except (AttributeError, IndexError, KeyError, TypeError) as error:
        raise InputError(
            f'row {row.name}: {row.config} with its options cannot be read: '
            f'{type(error).__name__}: {error}'
        ) from error
    return cfg
