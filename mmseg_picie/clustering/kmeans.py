"""k-means on points held in memory: initial centroids, Lloyd iterations, faiss."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import InputError, check_least
from .assignment import cluster_sums, labeled_chunks
from .settings import KMeansSettings


@dataclass(frozen=True)
class KMeansResult:
    """A fitted k-means.

    Attributes:
        centroids: (K, D), dtype of the points, at least float32.
        cluster_size: Points nearest to each centroid, (K,) int64.
        inertia: Sum of squared distances to the nearest centroid.
        iterations: Lloyd iterations done.
    """

    centroids: Tensor
    cluster_size: Tensor
    inertia: float
    iterations: int


@torch.no_grad()
def kmeans(
    points: Tensor,
    num_clusters: int,
    *,
    seed: int,
    settings: KMeansSettings | None = None,
    initial_centroids: Tensor | None = None,
) -> KMeansResult:
    """Clusters points by Lloyd's algorithm from drawn or given centroids.

    All draws are made on the CPU from one generator, so they depend neither on the
    device or the backend nor on any global seed.

    Args:
        points: (M, D), any device. Half precision is clustered in float32.
        num_clusters: K, from 1 to M.
        seed: Seed of the initial centroids.
        settings: How to run; the defaults of :class:`KMeansSettings` if None.
        initial_centroids: Centroids to run from once, (K, D), in place of drawn ones;
            then ``settings.init``, ``settings.num_inits`` and ``seed`` say nothing.

    Raises:
        InputError: If K < 1, K > M or a point is not finite.

    Examples:
        >>> points = torch.tensor([[0.0], [1.0], [9.0], [11.0]])
        >>> result = kmeans(points, 2, seed=0)
        >>> sorted(result.centroids.flatten().tolist())
        [0.5, 10.0]
    """
    settings = settings or KMeansSettings()
    if points.dtype in (torch.float16, torch.bfloat16):
        points = points.float()
    _check_points(points, num_clusters)
    if initial_centroids is None:
        generator = torch.Generator().manual_seed(seed)
        inits = (
            _draw_centroids(points, num_clusters, settings.init, generator)
            for _ in range(settings.num_inits)
        )
    else:
        inits = (initial_centroids.to(points),)
    results = (_run(points, centroids, settings) for centroids in inits)
    return min(results, key=lambda result: result.inertia)


def _run(points: Tensor, centroids: Tensor, settings: KMeansSettings) -> KMeansResult:
    """One run from given centroids."""
    if settings.spherical:
        centroids = F.normalize(centroids, dim=1)
    if settings.backend == 'torch':
        return lloyd(
            points, centroids, settings.iterations, spherical=settings.spherical
        )
    centroids = _faiss_lloyd(points, centroids, settings)
    return _result(points, centroids, settings.iterations)


def _check_points(points: Tensor, num_clusters: int) -> None:
    check_least('num_clusters', num_clusters, 1)
    if num_clusters > len(points):
        raise InputError(
            f'num_clusters is {num_clusters} but there are only {len(points)} points '
            'to cluster: lower num_clusters or give more points (more images or more '
            'pixels of each in the init sample)'
        )
    # One NaN or infinity would spread to every centroid.
    if not bool(torch.stack(torch.aminmax(points)).isfinite().all()):
        bad = int((~points.isfinite()).any(1).sum())
        raise InputError(
            f'{bad} of {len(points)} points hold NaN or infinity: the network has '
            'diverged or its weights are broken; lower the learning rate or start from '
            'an earlier checkpoint'
        )


@torch.no_grad()
def lloyd(
    points: Tensor,
    centroids: Tensor,
    iterations: int,
    *,
    spherical: bool = False,
    tolerance: float = 0.0,
) -> KMeansResult:
    """Assigns and averages until nothing moves (Lloyd 1982).

    A cluster without points takes the point farthest from its centroid, as in
    scikit-learn; where all points lie on centroids it stays where it is.

    Args:
        points: (M, D), finite.
        centroids: Initial centroids, (K, D), same dtype and device as the points.
        iterations: Most iterations.
        spherical: Whether centroids are brought to unit length in each iteration.
        tolerance: Ends when the summed squared moves of the centroids are at most this
            times the mean variance of the coordinates; 0 ends when nothing moves.
    """
    limit = 0.0
    if tolerance > 0:
        limit = tolerance * float(points.var(0, correction=0).mean())
    done = 0
    while done < iterations:
        done += 1
        sums, counts, _ = cluster_sums(points, centroids)
        if bool((counts == 0).any()):
            _fill_empty_clusters(points, centroids, sums, counts)
        means = (sums / counts.clamp(min=1)[:, None]).to(centroids.dtype)
        if spherical:
            means = F.normalize(means, dim=1)
        moved = torch.where(counts[:, None] > 0, means, centroids)
        shift = float((moved - centroids).square().sum())
        centroids = moved
        if shift <= limit:
            break
    return _result(points, centroids, done)


def _draw_centroids(
    points: Tensor, num_clusters: int, init: str, generator: torch.Generator
) -> Tensor:
    """Initial centroids, (K, D)."""
    if init == 'random':
        chosen = torch.randperm(len(points), generator=generator)[:num_clusters]
        return points[chosen.to(points.device)]
    return _kmeans_plus_plus(points, num_clusters, generator)


def _kmeans_plus_plus(
    points: Tensor, num_clusters: int, generator: torch.Generator
) -> Tensor:
    """Greedy k-means++ (Arthur and Vassilvitskii 2007, section 5)."""
    trials = 2 + int(math.log(num_clusters))
    norms = points.square().sum(1)

    def squared_distances(rows: Tensor) -> Tensor:  # (m, D) -> (m, M)
        products = torch.addmm(norms, rows, points.T, alpha=-2)
        return (products + rows.square().sum(1, keepdim=True)).clamp(min=0)

    first = int(torch.randint(len(points), (1,), generator=generator))
    chosen = [first]
    nearest = squared_distances(points[first : first + 1])[0]
    for _ in range(1, num_clusters):
        # On the CPU: a scan in floating point is not deterministic on every device.
        cumulative = nearest.cpu().cumsum(0, dtype=torch.float64)
        draws = torch.rand(trials, generator=generator, dtype=torch.float64)
        # right=True never takes a point at distance 0 while there is another.
        found = torch.searchsorted(cumulative, draws * cumulative[-1], right=True)
        found = found.clamp(max=len(points) - 1)
        distances = squared_distances(points[found.to(points.device)])
        distances = torch.minimum(distances, nearest)
        best = int(distances.sum(1, dtype=torch.float64).argmin())
        nearest = distances[best]
        chosen.append(int(found[best]))
    return points[chosen]


def _fill_empty_clusters(
    points: Tensor, centroids: Tensor, sums: Tensor, counts: Tensor
) -> None:
    """Moves the farthest points to the empty clusters, in ``sums`` and ``counts``."""
    parts, labels = [], []
    for chunk, ids in labeled_chunks(points, centroids):
        parts.append((chunk - centroids[ids]).square().sum(1))
        labels.append(ids)
    distances, labels = torch.cat(parts), torch.cat(labels)
    empty = (counts == 0).nonzero().flatten()
    distances, farthest = distances.topk(min(len(empty), len(points)))
    farthest = farthest[distances > 0]
    empty = empty[: len(farthest)]
    taken = points[farthest].double()
    sums.index_add_(0, labels[farthest], taken, alpha=-1)
    counts.index_add_(0, labels[farthest], torch.ones_like(farthest), alpha=-1)
    sums[empty] = taken
    counts[empty] = 1


def _result(points: Tensor, centroids: Tensor, iterations: int) -> KMeansResult:
    """Sizes and inertia under given centroids."""
    counts = points.new_zeros(len(centroids), dtype=torch.int64)
    inertia = points.new_zeros((), dtype=torch.float64)
    # Differences, not sums of squares, so that tight clusters keep their digits.
    for chunk, labels in labeled_chunks(points, centroids):
        counts.index_add_(0, labels, torch.ones_like(labels))
        inertia += (chunk - centroids[labels]).square().sum()
    return KMeansResult(centroids, counts, float(inertia), iterations)


def _faiss_lloyd(points: Tensor, centroids: Tensor, settings: KMeansSettings) -> Tensor:
    """faiss's Lloyd iterations from given centroids, (K, D)."""
    import faiss  # an optional package; KMeansSettings checks that it is there

    clustering = faiss.Kmeans(
        points.shape[1],
        len(centroids),
        niter=settings.iterations,
        spherical=settings.spherical,
        # faiss would warn below 39 points per centroid and subsample above 256.
        min_points_per_centroid=1,
        max_points_per_centroid=len(points),
    )
    clustering.train(
        points.float().cpu().contiguous().numpy(),
        init_centroids=centroids.float().cpu().contiguous().numpy(),
    )
    return torch.from_numpy(clustering.centroids.copy()).to(centroids)
