"""When things happen and what a round does: hooks, rounds, loops."""

from .hooks import (
    ChannelsLastHook,
    ClusterVisualizationHook,
    FitPCAHook,
    InitialProjectionHook,
    KMeansLabelHook,
    LabelFreeScoresHook,
    ManifestHook,
    SaveMasksHook,
)
from .loops import ClusterOnlyLoop
from .rounds.clustering_passes import image_points
from .rounds.distributed import unwrap
from .rounds.label_free_sample import LabelFreeSample, score_sample
from .rounds.passes import (
    ImagePass,
    PassProgress,
    images_by_shape,
    refit_pass,
    test_transforms,
)
from .rounds.stream_clusterer import StreamClusterer

__all__ = [
    'ChannelsLastHook',
    'ClusterOnlyLoop',
    'ClusterVisualizationHook',
    'FitPCAHook',
    'ImagePass',
    'InitialProjectionHook',
    'KMeansLabelHook',
    'LabelFreeSample',
    'LabelFreeScoresHook',
    'ManifestHook',
    'PassProgress',
    'SaveMasksHook',
    'StreamClusterer',
    'image_points',
    'images_by_shape',
    'refit_pass',
    'score_sample',
    'test_transforms',
    'unwrap',
]
