"""Points in, centroids and cluster ids out: k-means, mini-batch k-means, assignment."""

from .assignment import RULES, cluster_scores, nearest_cluster, score_map
from .kmeans import KMeansResult, check_options, kmeans, lloyd
from .minibatch import MiniBatchKMeans
from .nearest_points import NearestPoints, Neighbor

__all__ = [
    'KMeansResult',
    'MiniBatchKMeans',
    'NearestPoints',
    'Neighbor',
    'RULES',
    'check_options',
    'cluster_scores',
    'kmeans',
    'lloyd',
    'nearest_cluster',
    'score_map',
]
