"""Points in, centroids and ids out: k-means, mini-batch k-means, assignment, masks."""

from .assignment import RULES, cluster_scores, nearest_cluster, score_map
from .kmeans import KMeansResult, kmeans, lloyd
from .mask_proposals import (
    MASK_THRESHOLD,
    check_share,
    mask_means,
    mask_proposals,
    points_of_masks,
)
from .minibatch import MiniBatchKMeans
from .nearest_points import NearestPoints, Neighbor
from .nearest_rows import nearest_rows
from .point_sample import PointSample
from .settings import KMeansSettings
from .splitting import ClusterParts, split_cluster

__all__ = [
    'ClusterParts',
    'KMeansResult',
    'KMeansSettings',
    'MASK_THRESHOLD',
    'MiniBatchKMeans',
    'NearestPoints',
    'Neighbor',
    'PointSample',
    'RULES',
    'check_share',
    'cluster_scores',
    'kmeans',
    'lloyd',
    'mask_means',
    'mask_proposals',
    'nearest_cluster',
    'nearest_rows',
    'points_of_masks',
    'score_map',
    'split_cluster',
]
