"""k-means over a stream of unit vectors, against faiss and the released update."""

import argparse
import functools
import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from .internals import stream_means
from .measure import MIB, Case, Job
from .released_kmeans import find_faiss, update

SIZE = 128  # D of PiCIE's embedding
NUM_POINTS = 2_000_000
BATCH = 32 * 80 * 80  # points of 32 images of 320 px at stride 4
CHUNK = 1 << 14  # points drawn at a time
# K and, of each, the least ratio to the released update that is aimed at.
CLUSTERS = {27: 3.0, 100: 2.0}
STREAMS = {'1 M': 1_000_000, '8 M': 8_000_000}


def cases(args: argparse.Namespace) -> list[Case]:
    """The stage's cases, on the CPU. Without faiss only those of memory are left."""
    found = []
    if importlib.util.find_spec('faiss') is None:
        print(
            'kmeans: the cases against faiss and the released update, which assigns '
            'with faiss, are left out: pip install faiss-cpu',
            file=sys.stderr,
        )
    else:
        for num_clusters, target in CLUSTERS.items():
            name = f'pass over 2 M points, K = {num_clusters}, against'
            found += [
                _case(f'{name} faiss', _against_faiss, num_clusters, 1.0),
                _case(f'{name} the released update', _released, num_clusters, target),
            ]
    for name, count in STREAMS.items():
        prepare = functools.partial(_stream, count)
        found.append(
            Case(f'memory, {name} points', prepare, repeats=1, warm_up=0, on_cpu=True)
        )
    return found


def _case(
    name: str, prepare: Callable[[int], Job], num_clusters: int, target: float
) -> Case:
    return Case(
        name, functools.partial(prepare, num_clusters), target, repeats=3, on_cpu=True
    )


# --- the baselines ------------------------------------------------------------------


def faiss_lloyd(points: np.ndarray, start: np.ndarray) -> np.ndarray:
    """One Lloyd iteration of faiss over points in memory, (K, D)."""
    clustering = find_faiss().Kmeans(
        points.shape[1],
        len(start),
        niter=1,
        min_points_per_centroid=1,
        max_points_per_centroid=len(points),  # no subsample
    )
    clustering.train(points, init_centroids=start)
    return clustering.centroids


def released_update(batches: Iterable[np.ndarray], start: np.ndarray) -> np.ndarray:
    """Centroids after the released updates by each batch, (K, D)."""
    centroids, cluster_size = start.copy(), np.zeros(len(start))
    for batch in batches:
        update(centroids, cluster_size, batch)
    return centroids


# --- inputs -------------------------------------------------------------------------


def fill_with_mixture(points: Tensor, seed: int) -> Tensor:
    """Writes unit vectors around 60 directions of unequal weight, (M, D)."""
    directions = torch.Generator().manual_seed(0)
    centers = F.normalize(torch.randn(60, points.shape[1], generator=directions), dim=1)
    weights = torch.linspace(0.1, 1, len(centers))
    generator = torch.Generator().manual_seed(seed)
    for chunk in points.split(CHUNK):
        labels = weights.multinomial(len(chunk), True, generator=generator)
        chunk.normal_(0, 0.06, generator=generator)
        chunk += centers[labels]
        chunk /= chunk.norm(dim=1, keepdim=True)
    return points


@functools.cache
def points_in_memory() -> Tensor:
    """What both sides cluster, (2 M, D) float32: 977 MiB."""
    return fill_with_mixture(torch.empty(NUM_POINTS, SIZE), seed=1)


def drawn_stream(count: int) -> Iterator[Tensor]:
    """Yields such points batch by batch, so that they are never all in memory."""
    for seed, first in enumerate(range(0, count, BATCH)):
        points = torch.empty(min(BATCH, count - first), SIZE)
        yield fill_with_mixture(points, seed)


def some_of(points: Tensor, num_clusters: int) -> Tensor:
    """Initial centroids: points at even distances in the list, (K, D)."""
    return points[:: len(points) // num_clusters][:num_clusters].clone()


# --- cases --------------------------------------------------------------------------


def _against_faiss(num_clusters: int) -> Job:
    points = points_in_memory()
    start = some_of(points, num_clusters)

    def difference() -> str:
        # From sizes of zero, one batch of everything is one iteration.
        ours = stream_means([points], start).numpy()
        moved = np.abs(ours - start.numpy()).max()
        error = np.abs(ours - faiss_lloyd(points.numpy(), start.numpy())).max()
        return (
            f'centroids of one Lloyd iteration differ by at most {error:.1e} (they '
            f'move by up to {moved:.2f}); timed is ours in batches of {BATCH}, each '
            'assigned to centroids that have moved, and faiss.Kmeans of 1 iteration '
            'over all points at once'
        )

    return Job(
        lambda: stream_means(points.split(BATCH), start),
        lambda: faiss_lloyd(points.numpy(), start.numpy()),
        remark=difference,
    )


def _released(num_clusters: int) -> Job:
    points = points_in_memory()
    start = some_of(points, num_clusters)

    def ours() -> Tensor:
        return stream_means(points.split(BATCH), start)

    def baseline() -> np.ndarray:
        batches = (batch.numpy() for batch in points.split(BATCH))
        return released_update(batches, start.numpy())

    def difference() -> str:
        error = np.abs(ours().numpy() - baseline()).max()
        return f'centroids after the pass differ by at most {error:.1e}'

    return Job(ours, baseline, remark=difference)


def _stream(count: int) -> Job:
    start = some_of(fill_with_mixture(torch.empty(BATCH, SIZE), seed=1), 27)

    def note() -> str:
        return (
            f'K = 27, batches of {BATCH} points ({4 * SIZE * BATCH / MIB:.0f} MiB), '
            f'each drawn on arrival: the time is for the most part that of drawing; '
            f'all points would take {4 * SIZE * count / MIB:.0f} MiB'
        )

    return Job(lambda: stream_means(drawn_stream(count), start), remark=note)
