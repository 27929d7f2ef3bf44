"""Hooks and loops: when things happen."""

from .hooks import (
    ChannelsLastHook,
    ClusterVisualizationHook,
    FitPCAHook,
    KMeansLabelHook,
    LabelFreeScoresHook,
    ManifestHook,
    PCAStartHook,
    SaveMasksHook,
)
from .loops import ClusterOnlyLoop

__all__ = [
    'ChannelsLastHook',
    'ClusterOnlyLoop',
    'ClusterVisualizationHook',
    'FitPCAHook',
    'KMeansLabelHook',
    'LabelFreeScoresHook',
    'ManifestHook',
    'PCAStartHook',
    'SaveMasksHook',
]
