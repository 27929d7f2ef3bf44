"""Metrics and probes for mmengine: thin shells over `scores`."""

from .cluster_statistics_metric import ClusterStatisticsMetric
from .hungarian_iou_metric import HungarianIoUMetric
from .linear_probe import (
    LabeledEmbedding,
    LinearProbe,
    fit_probe,
    pad_labels,
    score_probe,
)

__all__ = [
    'ClusterStatisticsMetric',
    'HungarianIoUMetric',
    'LabeledEmbedding',
    'LinearProbe',
    'fit_probe',
    'pad_labels',
    'score_probe',
]
