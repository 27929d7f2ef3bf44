"""Which clusters are alike and touch: order, neighbors, suggestions to merge."""

from typing import NamedTuple

import numpy as np
from scipy.cluster import hierarchy

NEAREST = 5  # clusters that count as near to a cluster
LEAST_BORDER = 0.1  # of a cluster's border, from which two clusters touch
MOST_SUGGESTED = 60


class Suggestion(NamedTuple):
    """Two clusters that may be one thing.

    Attributes:
        first: The larger cluster.
        second: The smaller one.
        cosine: Of their centroids.
        border: Share of the border of ``second`` that it has with ``first``.
    """

    first: int
    second: int
    cosine: float
    border: float


def count_borders(ids: np.ndarray, num_clusters: int) -> np.ndarray:
    """Pairs of neighboring pixels by their two clusters.

    Args:
        ids: Cluster ids, (H, W).
        num_clusters: K.

    Returns:
        (K, K) int64, symmetric, 0 on the diagonal.

    Examples:
        >>> count_borders(np.array([[0, 1], [0, 2]]), 3).tolist()
        [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    """
    ids = ids.astype(np.int64)
    counts = np.zeros(num_clusters**2, np.int64)
    for one, other in ((ids[:, 1:], ids[:, :-1]), (ids[1:], ids[:-1])):
        differ = one != other
        pairs = one[differ] * num_clusters + other[differ]
        counts += np.bincount(pairs, minlength=len(counts))
    counts = counts.reshape(num_clusters, num_clusters)
    return counts + counts.T


def cosines(centroids: np.ndarray) -> np.ndarray:
    """Cosine of each two centroids, (K, D) -> (K, K); 0 for one of length 0."""
    length = np.linalg.norm(centroids, axis=1, keepdims=True)
    unit = centroids / np.maximum(length, 1e-12)
    return (unit @ unit.T).clip(-1, 1)


def nearest_clusters(cosine: np.ndarray, count: int = NEAREST) -> np.ndarray:
    """The other clusters of highest cosine, nearest first, (K, n <= count)."""
    others = cosine.astype(float).copy()
    np.fill_diagonal(others, -np.inf)
    return np.argsort(-others, axis=1, kind='stable')[:, : min(count, len(cosine) - 1)]


def leaf_order(cosine: np.ndarray) -> list[int]:
    """Clusters in an order in which similar ones are neighbors.

    It is that of the leaves of a hierarchical clustering (average linkage of cosine
    distances), turned so that neighbors are as near as the tree allows.

    Args:
        cosine: (K, K), symmetric.
    """
    if len(cosine) < 3:
        return list(range(len(cosine)))
    upper = np.triu_indices(len(cosine), 1)
    distances = (1 - cosine[upper]).clip(0)
    tree = hierarchy.linkage(distances, 'average', optimal_ordering=True)
    return hierarchy.leaves_list(tree).tolist()


def suggest_merges(
    cosine: np.ndarray, borders: np.ndarray, sizes: np.ndarray
) -> list[Suggestion]:
    """Pairs of clusters that are near in embedding and touch in images, best first.

    Each must be among the 5 nearest of the other, and at least a tenth of the border of
    the smaller one be with the larger one. They are ordered by the product of cosine
    and border.

    Args:
        cosine: (K, K).
        borders: From :func:`count_borders`, (K, K).
        sizes: Pixels of each cluster, (K,).
    """
    near = np.zeros(cosine.shape, bool)
    np.put_along_axis(near, nearest_clusters(cosine), True, axis=1)
    shares = borders / np.maximum(1, borders.sum(1, keepdims=True))
    found = []
    for one, other in np.argwhere(np.triu(near & near.T, 1)).tolist():
        first, second = (one, other) if sizes[one] >= sizes[other] else (other, one)
        border = float(shares[second, first])
        if border >= LEAST_BORDER:
            found.append(Suggestion(first, second, float(cosine[one, other]), border))
    found.sort(key=lambda pair: -pair.cosine * pair.border)
    return found[:MOST_SUGGESTED]
