"""Points to centroids to ids to classes, in plain torch and numpy."""

from .agreement import adjusted_rand_index, normalized_mutual_information, purity
from .assignment import RULES, cluster_scores, nearest_cluster
from .kmeans import KMeansResult, kmeans, lloyd
from .label_free import (
    balanced_levels,
    cluster_agreement,
    cosine_silhouette,
    explained_inertia,
    label_free_scores,
    nearest_neighbors,
    neighbor_agreement,
    size_entropy,
)
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
from .nearest_points import NearestPoints, Neighbor
from .partitions import partition_block_scores, partition_scores

__all__ = [
    'RULES',
    'KMeansResult',
    'MatchedScores',
    'MiniBatchKMeans',
    'NearestPoints',
    'Neighbor',
    'adjusted_rand_index',
    'balanced_levels',
    'cluster_agreement',
    'cluster_meta',
    'cluster_scores',
    'confusion_matrix',
    'cosine_silhouette',
    'explained_inertia',
    'hungarian_match',
    'kmeans',
    'label_free_scores',
    'lloyd',
    'majority_match',
    'matched_confusion',
    'matched_scores',
    'nearest_cluster',
    'nearest_neighbors',
    'neighbor_agreement',
    'normalized_mutual_information',
    'partition_block_scores',
    'partition_scores',
    'purity',
    'size_entropy',
]
