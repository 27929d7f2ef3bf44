"""One cluster divided into parts, while all other clusters stay where they are."""

from dataclasses import dataclass

import torch
from torch import Tensor

from ..errors import InputError, check_least
from .assignment import nearest_cluster
from .kmeans import kmeans
from .settings import KMeansSettings

NUM_INITS = 5
# How far the scores of parts differ, as a share of the cluster's usual lead. On blood
# cells 0.02 moves the outline of a cluster by 0.5 % of its pixels.
SHARE = 0.02
AGREEING = 0.99  # points at least that the scores give the part that k-means gives


@dataclass(frozen=True)
class ClusterParts:
    """Parts of one cluster, the largest first.

    Attributes:
        centroids: Of k-means, (P, D).
        shares: Share of the points of each part, (P,) float64.
        weight: The parts' scores as a linear map of a point, (P, D) ...
        bias: ... and what is added, (P,).
    """

    centroids: Tensor
    shares: Tensor
    weight: Tensor
    bias: Tensor


def split_cluster(
    points: Tensor,
    weight: Tensor,
    bias: Tensor,
    cluster: int,
    num_parts: int,
    *,
    seed: int,
) -> ClusterParts:
    """Divides a cluster by k-means on its own points.

    New centroids in place of the old one would also take points from the clusters
    around: four parts lie nearer to their neighbors than one centroid did. (Tried on
    300 images of blood cells, they took as many points as half the cluster has.) So a
    part scores as the whole cluster does, and a little more or less: the score of part
    i is s(z) + e t_i(z), where s(z) is the cluster's and

        t_i(z) = (|z - m|^2 - |z - m_i|^2) / 2 - b

    says how much nearer z is to the part's centroid m_i than to the mean m of the
    points. The best part is that of the nearest m_i. With a small e its score is that
    of the cluster, so all other clusters begin where they began: e makes the deviation
    of t a fiftieth of the median lead of the cluster over the next one, and b is the
    median of the best part's t, so that the outline neither grows nor shrinks. As |z|^2
    cancels, the scores of parts are linear.

    Args:
        points: Of this cluster alone, (M, D).
        weight: Scores of all clusters as a linear map of a point, (K, D) ...
        bias: ... and what is added, (K,).
        cluster: Id of this one.
        num_parts: P, >= 2.
        seed: Of k-means.

    Raises:
        InputError: If P < 2, there are fewer than P different points, or float32
            cannot hold the scores of parts apart (of parts of parts of parts).
    """
    centroids, shares = _parts(points, cluster, num_parts, seed)
    slope, offset = _nearness(points, centroids)
    nearness = points @ slope.T + offset  # (M, P)
    offset = offset - nearness.max(1).values.median()
    scale = min(1.0, SHARE * _usual_lead(points, weight, bias) / float(nearness.std()))
    parts = ClusterParts(
        centroids,
        shares,
        weight[cluster] + scale * slope,
        bias[cluster] + scale * offset,
    )
    _check_apart(points, parts, cluster)
    return parts


def _parts(
    points: Tensor, cluster: int, num_parts: int, seed: int
) -> tuple[Tensor, Tensor]:
    """Centroids of k-means, (P, D), and shares of the points, the largest first."""
    check_least('parts', num_parts, 2)
    if len(points) < num_parts:
        raise InputError(
            f'cluster {cluster} has {len(points)} points in the images, too few for '
            f'{num_parts} parts: take it out of split'
        )
    settings = KMeansSettings(num_inits=NUM_INITS)
    found = kmeans(points, num_parts, seed=seed, settings=settings)
    if not found.cluster_size.all():
        raise InputError(
            f'cluster {cluster} has fewer than {num_parts} different points: ask for '
            'fewer parts, or take it out of split'
        )
    order = found.cluster_size.argsort(descending=True, stable=True)
    return found.centroids[order], found.cluster_size[order].double() / len(points)


def _nearness(points: Tensor, centroids: Tensor) -> tuple[Tensor, Tensor]:
    """t_i without b as a linear map, (P, D) and (P,)."""
    mean = points.mean(0)
    squares = centroids.square().sum(1) - mean.square().sum()
    return centroids - mean, -0.5 * squares


def _usual_lead(points: Tensor, weight: Tensor, bias: Tensor) -> float:
    """Median of what the best cluster of a point is ahead of the next one."""
    leads = []
    for chunk in points.split(1 << 14):
        best = torch.addmm(bias, chunk, weight.T).topk(2, dim=1).values
        leads.append(best[:, 0] - best[:, 1])
    return float(torch.cat(leads).median())


def _check_apart(points: Tensor, parts: ClusterParts, cluster: int) -> None:
    expected = nearest_cluster(points, parts.centroids)
    scored = torch.addmm(parts.bias, points, parts.weight.T).argmax(1)
    if (scored == expected).double().mean() < AGREEING:
        raise InputError(
            f'cluster {cluster} cannot be divided: it is so near to another one, or '
            'was divided so often, that float32 does not hold the scores of its parts '
            'apart. Take it out of split, or fit the images with more clusters'
        )
