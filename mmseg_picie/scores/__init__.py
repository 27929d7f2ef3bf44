"""Partitions in, numbers out: confusion, matching, agreement, label-free scores."""

from .agreement import adjusted_rand_index, normalized_mutual_information, purity
from .cards import CardCounts, biggest_crops
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
from .nearest_names import classes_of_nearest
from .partitions import partition_block_scores, partition_scores

__all__ = [
    'CardCounts',
    'MatchedScores',
    'adjusted_rand_index',
    'balanced_levels',
    'biggest_crops',
    'classes_of_nearest',
    'cluster_agreement',
    'confusion_matrix',
    'cosine_silhouette',
    'explained_inertia',
    'hungarian_match',
    'label_free_scores',
    'majority_match',
    'matched_confusion',
    'matched_scores',
    'nearest_neighbors',
    'neighbor_agreement',
    'normalized_mutual_information',
    'partition_block_scores',
    'partition_scores',
    'purity',
    'size_entropy',
]
