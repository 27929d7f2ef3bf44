"""Hooks, registered in mmseg's HOOKS."""

from .channels_last_hook import ChannelsLastHook
from .cluster_visualization_hook import ClusterVisualizationHook
from .fit_pca_hook import FitPCAHook
from .initial_projection_hook import InitialProjectionHook
from .kmeans_label_hook import KMeansLabelHook
from .label_free_scores_hook import LabelFreeScoresHook
from .manifest_hook import ManifestHook
from .save_masks_hook import SaveMasksHook

__all__ = [
    'ChannelsLastHook',
    'ClusterVisualizationHook',
    'FitPCAHook',
    'KMeansLabelHook',
    'LabelFreeScoresHook',
    'ManifestHook',
    'InitialProjectionHook',
    'SaveMasksHook',
]
