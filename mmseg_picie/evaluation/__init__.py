"""Metrics and probes for mmengine: thin shells over `scores`."""

from .boundary_rows import with_boundaries
from .cluster_statistics_metric import ClusterStatisticsMetric
from .hungarian_iou_metric import HungarianIoUMetric
from .linear_probe import LinearProbe, fit_probe, pad_labels, score_probe
from .naming_scores import LabeledClusters, NamingScores, score_naming
from .naming_table import naming_table
from .nearest_probe import BANK, NearestProbe, fill_bank
from .pixel_probe import LabeledEmbedding, PixelProbe
from .probe_rows import probe_row

__all__ = [
    'BANK',
    'ClusterStatisticsMetric',
    'HungarianIoUMetric',
    'LabeledClusters',
    'LabeledEmbedding',
    'LinearProbe',
    'NamingScores',
    'NearestProbe',
    'PixelProbe',
    'fill_bank',
    'fit_probe',
    'naming_table',
    'pad_labels',
    'probe_row',
    'score_naming',
    'score_probe',
    'with_boundaries',
]
