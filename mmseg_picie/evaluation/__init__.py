"""Metrics of clusterings."""

from .cluster_statistics_metric import ClusterStatisticsMetric
from .hungarian_iou_metric import HungarianIoUMetric

__all__ = ['ClusterStatisticsMetric', 'HungarianIoUMetric']
