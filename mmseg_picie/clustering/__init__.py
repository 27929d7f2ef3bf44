"""Points in, centroids and cluster ids out: k-means, mini-batch k-means, assignment."""

from .assignment import RULES, cluster_scores, nearest_cluster, score_map
from .kmeans import KMeansResult, kmeans, lloyd
from .minibatch import MiniBatchKMeans
from .nearest_points import NearestPoints, Neighbor
from .settings import KMeansSettings

__all__ = [
    'KMeansResult',
    'KMeansSettings',
    'MiniBatchKMeans',
    'NearestPoints',
    'Neighbor',
    'RULES',
    'cluster_scores',
    'kmeans',
    'lloyd',
    'nearest_cluster',
    'score_map',
]
