"""k-means on points held in memory: starts, Lloyd iterations, faiss."""

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import InputError
from .assignment import cluster_sums, labeled_chunks

INITS = ('k-means++', 'random')
BACKENDS = ('torch', 'faiss')


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
    iterations: int = 20,
    init: str = 'k-means++',
    starts: int = 1,
    spherical: bool = False,
    backend: str = 'torch',
    tolerance: float = 0.0,
    start: Tensor | None = None,
) -> KMeansResult:
    """Clusters points by Lloyd's algorithm from one or several starts.

    All draws are made on the CPU from one generator, so the starts do not depend on the
    device or the backend, nor on any global seed.

    Args:
        points: (M, D), any device.
        num_clusters: K, at most M.
        seed: Seed of the starts.
        iterations: Lloyd iterations of each start.
        init: 'k-means++' (greedy, as scikit-learn's) or 'random' (K points).
        starts: Starts tried; the one of lowest inertia is kept.
        spherical: Whether centroids are brought to unit length in each iteration.
        backend: 'torch', or 'faiss' for its Lloyd iterations on the CPU from the same
            starts; it has its own way with empty clusters and no tolerance.
        tolerance: As in :func:`lloyd`.
        start: The centroids of the only start, (K, D), in place of drawn ones; then
            ``init`` and ``starts`` say nothing.

    Raises:
        InputError: If an option is unknown, K > M or a point is not finite.
        ImportError: If faiss is asked for and absent.
    """
    check_options(num_clusters, iterations, init, starts, backend)
    if points.dtype in (torch.float16, torch.bfloat16):
        points = points.float()
    if num_clusters > len(points):
        raise InputError(
            f'num_clusters is {num_clusters} but there are only {len(points)} points '
            'to cluster: lower num_clusters or give more points (more images or more '
            'pixels of each in the init sample)'
        )
    check_finite(points)
    generator = torch.Generator().manual_seed(seed)
    if start is None:
        drawn = (
            _draw_start(points, num_clusters, init, generator) for _ in range(starts)
        )
    else:
        drawn = (start.to(points),)
    results = []
    for centroids in drawn:
        if spherical:
            centroids = F.normalize(centroids, dim=1)
        if backend == 'faiss':
            centroids = _faiss_lloyd(points, centroids, iterations, spherical)
            results.append(_result(points, centroids, iterations))
        else:
            results.append(
                lloyd(
                    points,
                    centroids,
                    iterations,
                    spherical=spherical,
                    tolerance=tolerance,
                )
            )
    return min(results, key=lambda result: result.inertia)


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
        centroids: Where to start, (K, D), same dtype and device.
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


def check_options(
    num_clusters: int, iterations: int, init: str, starts: int, backend: str
) -> None:
    """Refuses option values that k-means does not know.

    Raises:
        InputError: Naming the option, its value and what it may be.
    """
    numbers = dict(num_clusters=num_clusters, iterations=iterations, starts=starts)
    for name, value in numbers.items():
        if value < 1:
            raise InputError(f'{name} must be >= 1, got {value}')
    for name, value, allowed in (('init', init, INITS), ('backend', backend, BACKENDS)):
        if value not in allowed:
            raise InputError(f'{name} must be one of {allowed}, got {value!r}')


def check_finite(points: Tensor) -> None:
    """Refuses NaN and infinite points, which would spread to every centroid.

    Raises:
        InputError: Saying how many points are affected.
    """
    if not bool(torch.stack(torch.aminmax(points)).isfinite().all()):
        bad = int((~points.isfinite()).any(1).sum())
        raise InputError(
            f'{bad} of {len(points)} points hold NaN or infinity: the network has '
            'diverged or its weights are broken; lower the learning rate or start from '
            'an earlier checkpoint'
        )


def _draw_start(
    points: Tensor, num_clusters: int, init: str, generator: torch.Generator
) -> Tensor:
    """Centroids to start at, (K, D)."""
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


def _faiss_lloyd(
    points: Tensor, centroids: Tensor, iterations: int, spherical: bool
) -> Tensor:
    """faiss's Lloyd iterations from given centroids, (K, D)."""
    try:
        import faiss
    except ImportError as error:
        raise ImportError(
            "backend='faiss' needs faiss, which is not installed: pip install "
            "faiss-cpu, or use backend='torch'"
        ) from error
    clustering = faiss.Kmeans(
        points.shape[1],
        len(centroids),
        niter=iterations,
        spherical=spherical,
        # faiss would warn below 39 points per centroid and subsample above 256.
        min_points_per_centroid=1,
        max_points_per_centroid=len(points),
    )
    clustering.train(
        points.float().cpu().contiguous().numpy(),
        init_centroids=centroids.float().cpu().contiguous().numpy(),
    )
    return torch.from_numpy(clustering.centroids.copy()).to(centroids)
