"""Scores of a clustering that need no labels.

All scores are in percent, and higher is meant to be better. Scores that are corrected
for chance are 0 where all points are in one cluster. Such a clustering agrees with
everything and must not score well for it.
"""

import math
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import InputError
from .agreement import adjusted_rand_index
from .matching import confusion_matrix

ROWS = 1024  # points whose similarities to all others are in memory at a time


def label_free_scores(
    points: Tensor,
    clusters: Tensor,
    view_clusters: tuple[Tensor, Tensor],
    neighbors: Tensor,
    num_clusters: int,
) -> dict[str, float | None]:
    """All scores of one clustering of a sample of pixels.

    Args:
        points: Embeddings of sampled pixels, (M, D).
        clusters: Their cluster ids in [0, K), (M,).
        view_clusters: Cluster ids of the same pixels in two views, (P,) each.
        neighbors: Indices of each point's nearest points by other features, (M, N).
        num_clusters: K.

    Returns:
        ``view_agreement`` (:func:`cluster_agreement`), ``explained_inertia``,
        ``size_entropy``, ``silhouette`` (:func:`cosine_silhouette`) and
        ``neighbor_agreement``.
    """
    sizes = torch.bincount(clusters, minlength=num_clusters)
    return dict(
        view_agreement=cluster_agreement(*view_clusters, num_clusters),
        explained_inertia=explained_inertia(points, clusters, num_clusters),
        size_entropy=size_entropy(sizes),
        silhouette=cosine_silhouette(points, clusters, num_clusters),
        neighbor_agreement=neighbor_agreement(clusters, neighbors, num_clusters),
    )


def cluster_agreement(first: Tensor, second: Tensor, num_clusters: int) -> float:
    """Adjusted Rand index of two partitions of the same points.

    A cluster may have another id in each. The score is that of
    :func:`adjusted_rand_index` (Hubert and Arabie 1985), but 0, not 100, where both
    partitions are one cluster.

    Args:
        first: Cluster ids in [0, K), (M,).
        second: Likewise.
        num_clusters: K.
    """
    counts = confusion_matrix(
        first.cpu().numpy(),
        second.cpu().numpy(),
        num_clusters,
        num_clusters,
        ignore_index=-1,  # every id is a cluster
    )
    if max(counts.sum(0).max(), counts.sum(1).max()) == counts.sum():
        return 0.0
    return adjusted_rand_index(counts)


def explained_inertia(points: Tensor, clusters: Tensor, num_clusters: int) -> float:
    """Share of the inertia that the clusters explain, corrected for chance.

    1 - (W / (M - k)) / (T / (M - 1)), with W the squared distances to the means of the
    k clusters in use and T those to the mean of all points. Random labels of the same
    sizes score 0 on average, because their expected W is T (M - k) / (M - 1). This is
    the epsilon squared of Kelley (1935). Random centroids would be another baseline,
    but their expectation is not known exactly. The score still grows with K, because
    inertia falls with K.

    Args:
        points: (M, D).
        clusters: Cluster ids in [0, K), (M,).
        num_clusters: K.

    Returns:
        100 where points lie on their cluster's mean, 0 on average for random labels;
        0 where one cluster has all points or each point is its own cluster.
    """
    points = points.double()
    means, sizes = _cluster_means(points, clusters, num_clusters)
    used = int((sizes > 0).sum())
    total = float((points - points.mean(0)).square().sum())
    if used == 1 or used == len(points) or total == 0:
        return 0.0
    within = float((points - means[clusters]).square().sum())
    ratio = (within / (len(points) - used)) / (total / (len(points) - 1))
    return 100 * (1 - ratio)


def size_entropy(cluster_size: Tensor) -> float:
    """Entropy of the cluster sizes over its largest value, log K.

    Args:
        cluster_size: Points per cluster, (K,); clusters without a point count in K.

    Returns:
        100 for clusters of one size, 0 for one cluster with all points.

    Examples:
        >>> round(size_entropy(torch.tensor([5, 5, 0, 0])), 6)  # two of four clusters
        50.0
    """
    share = cluster_size.double() / cluster_size.sum()
    entropy = float(torch.special.entr(share).sum())
    return 100 * entropy / math.log(max(len(cluster_size), 2))


def cosine_silhouette(points: Tensor, clusters: Tensor, num_clusters: int) -> float:
    """Mean silhouette of the points under the cosine distance (Rousseeuw 1987).

    Exact in O(M K D): a mean cosine distance to a cluster is one product with the sum
    of its unit vectors. A point alone in its cluster scores 0.

    Args:
        points: (M, D), any length.
        clusters: Cluster ids in [0, K), (M,).
        num_clusters: K.

    Returns:
        -100 to 100; 0 where there is one cluster, for which it is not defined.
    """
    points = F.normalize(points.double(), dim=1)
    means, sizes = _cluster_means(points, clusters, num_clusters)
    if int((sizes > 0).sum()) == 1:
        return 0.0
    distances = 1 - points @ means.T
    own = clusters[:, None]
    own_size = sizes[clusters]
    # The mean over a point's own cluster leaves out the distance to itself.
    itself = 1 - points.square().sum(1)
    within = distances.gather(1, own)[:, 0] * own_size - itself
    within = within / (own_size - 1).clamp(min=1)
    distances.masked_fill_(sizes == 0, math.inf).scatter_(1, own, math.inf)
    nearest = distances.min(1).values
    scores = (nearest - within) / torch.maximum(nearest, within).clamp(min=1e-300)
    return 100 * float(scores.masked_fill(own_size == 1, 0).mean())


def neighbor_agreement(
    clusters: Tensor, neighbors: Tensor, num_clusters: int
) -> float | None:
    """Share of neighbors in a point's own cluster, corrected for chance.

    (o - e) / (1 - e), the form of Cohen (1960): o is the share of all (point,
    neighbor) pairs within one cluster, e = sum_k n_k (n_k - 1) / (M (M - 1)) its
    expectation under random labels of the same sizes.

    Args:
        clusters: Cluster ids in [0, K), (M,).
        neighbors: Indices in [0, M) of each point's neighbors, (M, N).
        num_clusters: K.

    Returns:
        100 where all neighbors share the cluster, 0 on average for random labels and
        for one cluster; None where points have no neighbors (N is 0).
    """
    if neighbors.shape[1] == 0:
        return None
    sizes = torch.bincount(clusters, minlength=num_clusters).double()
    count = len(clusters)
    expected = float((sizes * (sizes - 1)).sum() / (count * (count - 1)))
    if expected == 1:
        return 0.0
    same = clusters[neighbors.long()] == clusters[:, None]
    return 100 * (float(same.double().mean()) - expected) / (1 - expected)


def nearest_neighbors(features: Tensor, groups: Tensor, count: int) -> Tensor:
    """The points of other groups with the highest cosine.

    A group is an image. Pixels of one image are alike because they are close, which
    says little about what they show.

    Args:
        features: (M, C).
        groups: Group of each point, (M,).
        count: Neighbors N of each point.

    Returns:
        Indices in [0, M), nearest first, (M, N) int32.

    Raises:
        InputError: If a point has fewer than N points outside its group.
    """
    largest = int(torch.bincount(groups).max()) if len(groups) else 0
    if len(groups) - largest < count:
        raise InputError(
            f'count is {count}, but a point has only {len(groups) - largest} points '
            'of other groups beside it'
        )
    features = F.normalize(features, dim=1)
    found = []
    for rows, owners in zip(features.split(ROWS), groups.split(ROWS), strict=True):
        similarity = rows @ features.T
        similarity.masked_fill_(owners[:, None] == groups, -math.inf)
        found.append(similarity.topk(count, dim=1).indices.int())
    return torch.cat(found)


def balanced_levels(features: Tensor, channels: Sequence[int]) -> Tensor:
    """Centers features and brings each level to a total variance of 1.

    :class:`~mmseg_picie.models.MultiLevelPCA` does the same before it projects. No
    level then dominates a cosine by its scale.

    Args:
        features: Levels side by side, (M, sum C_i).
        channels: C_i of each level.

    Returns:
        (M, sum C_i).
    """
    centered = (features - features.mean(0)).split(list(channels), dim=1)
    variances = [part.square().sum(1).mean().clamp(min=1e-12) for part in centered]
    return torch.cat([p * v.rsqrt() for p, v in zip(centered, variances)], dim=1)


def _cluster_means(
    points: Tensor, clusters: Tensor, num_clusters: int
) -> tuple[Tensor, Tensor]:
    """Means, (K, D), zero for a cluster without points, and sizes, (K,)."""
    sizes = torch.bincount(clusters, minlength=num_clusters)
    sums = points.new_zeros(num_clusters, points.shape[1])
    sums.index_add_(0, clusters, points)
    return sums / sizes.clamp(min=1)[:, None], sizes
