"""Hooks and loops: when things happen."""

from .hooks import (
    ChannelsLastHook,
    ClusterVisualizationHook,
    FitPCAHook,
    KMeansLabelHook,
    LabelFreeScoresHook,
    ManifestHook,
    InitialProjectionHook,
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
    'InitialProjectionHook',
    'SaveMasksHook',
]
