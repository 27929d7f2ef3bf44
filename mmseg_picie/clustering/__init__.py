"""Points to centroids to ids to classes, in plain torch and numpy."""

from .assignment import RULES, cluster_scores, nearest_cluster
from .kmeans import KMeansResult, kmeans, lloyd
from .matching import (
    MatchedScores,
    confusion_matrix,
    hungarian_match,
    majority_match,
    matched_confusion,
    matched_scores,
)
from .minibatch import MiniBatchKMeans
from .naming import cluster_meta

__all__ = [
    'RULES',
    'KMeansResult',
    'MatchedScores',
    'MiniBatchKMeans',
    'cluster_meta',
    'cluster_scores',
    'confusion_matrix',
    'hungarian_match',
    'kmeans',
    'lloyd',
    'majority_match',
    'matched_confusion',
    'matched_scores',
    'nearest_cluster',
]
