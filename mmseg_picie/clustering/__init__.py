"""Points in, centroids and cluster ids out: k-means, mini-batch k-means, assignment."""

from .assignment import RULES, cluster_scores, nearest_cluster, score_map
from .kmeans import KMeansResult, kmeans, lloyd
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
    'MiniBatchKMeans',
    'NearestPoints',
    'Neighbor',
    'PointSample',
    'RULES',
    'cluster_scores',
    'kmeans',
    'lloyd',
    'nearest_cluster',
    'nearest_rows',
    'score_map',
    'split_cluster',
]
