"""Hooks and loops: when things happen."""

from .hooks import (
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
    'ClusterOnlyLoop',
    'ClusterVisualizationHook',
    'FitPCAHook',
    'KMeansLabelHook',
    'LabelFreeScoresHook',
    'ManifestHook',
    'PCAStartHook',
    'SaveMasksHook',
]
