"""Points to centroids to ids to classes, in plain torch and numpy."""

from .agreement import adjusted_rand_index, normalized_mutual_information, purity
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
from .partitions import partition_block_scores, partition_scores

__all__ = [
    'RULES',
    'KMeansResult',
    'MatchedScores',
    'MiniBatchKMeans',
    'adjusted_rand_index',
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
    'normalized_mutual_information',
    'partition_block_scores',
    'partition_scores',
    'purity',
]
