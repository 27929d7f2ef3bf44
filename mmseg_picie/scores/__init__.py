"""Partitions in, numbers out: confusion, matching, agreement, label-free scores."""

from .agreement import adjusted_rand_index, normalized_mutual_information, purity
from .boundaries import TOLERANCE, BoundaryCounts, BoundaryScores
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
from .nearest_votes import NEIGHBORS, NearestVotes
from .partitions import partition_block_scores, partition_scores
from .per_image import PerImageCounts, match_image, per_image_scores

__all__ = [
    'BoundaryCounts',
    'BoundaryScores',
    'CardCounts',
    'MatchedScores',
    'NEIGHBORS',
    'NearestVotes',
    'PerImageCounts',
    'TOLERANCE',
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
    'match_image',
    'matched_confusion',
    'matched_scores',
    'nearest_neighbors',
    'neighbor_agreement',
    'normalized_mutual_information',
    'partition_block_scores',
    'partition_scores',
    'per_image_scores',
    'purity',
    'size_entropy',
]
