"""Hooks: when something happens."""

from .calibrate_batch_norm_hook import CalibrateBatchNormHook
from .channels_last_hook import ChannelsLastHook
from .checkpoint_hook import CheckpointHook
from .cluster_checkpoint_hook import ClusterCheckpointHook
from .cluster_visualization_hook import ClusterVisualizationHook
from .console_hook import ConsoleHook
from .fit_pca_hook import FitPCAHook
from .initial_projection_hook import InitialProjectionHook
from .kmeans_label_hook import KMeansLabelHook
from .label_free_scores_hook import LabelFreeScoresHook
from .manifest_hook import ManifestHook, versions
from .minutes_hook import MinutesHook
from .neighbor_table_hook import NeighborTableHook
from .refit_hook import RefitHook
from .round_hook import RoundHook
from .round_report_hook import RoundReportHook
from .save_masks_hook import SaveMasksHook

__all__ = [
    'CalibrateBatchNormHook',
    'ChannelsLastHook',
    'CheckpointHook',
    'ClusterCheckpointHook',
    'ClusterVisualizationHook',
    'ConsoleHook',
    'FitPCAHook',
    'InitialProjectionHook',
    'KMeansLabelHook',
    'LabelFreeScoresHook',
    'ManifestHook',
    'MinutesHook',
    'NeighborTableHook',
    'RefitHook',
    'RoundHook',
    'RoundReportHook',
    'SaveMasksHook',
    'versions',
]
