"""Metrics of clusterings."""

from .cluster_statistics_metric import ClusterStatisticsMetric
from .hungarian_iou_metric import HungarianIoUMetric
from .linear_probe import LinearProbe, fit_probe, score_probe

__all__ = [
    'ClusterStatisticsMetric',
    'HungarianIoUMetric',
    'LinearProbe',
    'fit_probe',
    'score_probe',
]
