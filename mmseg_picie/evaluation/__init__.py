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
from .naming_scores import LabeledClusters, NamingScores, naming_table, score_naming

__all__ = [
    'ClusterStatisticsMetric',
    'HungarianIoUMetric',
    'LabeledClusters',
    'LabeledEmbedding',
    'LinearProbe',
    'NamingScores',
    'fit_probe',
    'naming_table',
    'pad_labels',
    'score_naming',
    'score_probe',
]
