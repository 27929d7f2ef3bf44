"""k-means over a stream of points."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import InputError
from .assignment import cluster_sums, nearest_cluster, sum_of_squares
from .kmeans import kmeans
from .settings import KMeansSettings


class MiniBatchKMeans:
    """Centroids as running means of the points they were nearest to (Sculley 2010).

    Each batch is assigned to the centroids as they are, then
    c_k <- c_k + (mean_k - c_k) n_k / count_k, with n_k points and their mean in the
    batch and count_k all points so far: scikit-learn's ``partial_fit`` without
    reassignment. Memory does not grow with the stream.

    Args:
        num_clusters: K.
        seed: Seed of the initial centroids.
        settings: How k-means on the first sample runs; ``spherical`` holds for every
            later batch as well. The defaults of :class:`KMeansSettings` if None.
        all_reduce: Sums a float64 tensor in place over processes; every process then
            calls each ``partial_fit`` and ends with the same centroids. None where
            there is one process.

    Attributes:
        centroids: (K, D), None before :meth:`initialize`.
        cluster_size: Points each cluster has absorbed, (K,) float64.
    """

    def __init__(
        self,
        num_clusters: int,
        *,
        seed: int,
        settings: KMeansSettings | None = None,
        all_reduce: Callable[[Tensor], None] | None = None,
    ) -> None:
        self.num_clusters = num_clusters
        self.seed = seed
        self.settings = settings or KMeansSettings()
        self.all_reduce = all_reduce
        self.centroids: Tensor | None = None
        self.cluster_size = torch.zeros(num_clusters, dtype=torch.float64)
        # Sum of squared distances, points seen; on the device, so no step waits.
        self._totals = torch.zeros(2, dtype=torch.float64)

    @property
    def inertia(self) -> float:
        """Mean squared distance per point seen, over processes; NaN before any."""
        return float(self._totals[0] / self._totals[1])

    @property
    def num_points(self) -> int:
        """Points seen, over processes, with those the init sample stands for."""
        return int(self._totals[1])

    def initialize(
        self,
        points: Tensor,
        num_represented: int | None = None,
        initial_centroids: Tensor | None = None,
    ) -> 'MiniBatchKMeans':
        """Fits k-means on a sample that is the same on every process.

        Args:
            points: (M, D).
            num_represented: Points the sample was drawn from, M by default. Counts are
                scaled to it, so that later batches get their fair weight.
            initial_centroids: (K, D), in place of drawn ones.

        Raises:
            InputError: If K > M, a point is not finite, or ``num_represented`` < M.
        """
        represented = len(points) if num_represented is None else num_represented
        if represented < len(points):
            raise InputError(
                f'num_represented must be at least the {len(points)} points given, '
                f'got {represented}'
            )
        result = kmeans(
            points,
            self.num_clusters,
            seed=self.seed,
            settings=self.settings,
            initial_centroids=initial_centroids,
        )
        scale = represented / len(points)
        self.centroids = result.centroids
        self.cluster_size = result.cluster_size.double() * scale
        self._totals = self.cluster_size.new_tensor(
            [result.inertia * scale, represented]
        )
        return self

    @torch.no_grad()
    def partial_fit(self, points: Tensor) -> 'MiniBatchKMeans':
        """Takes one batch; with several processes, each one's share of it.

        Args:
            points: (M, D), on the centroids' device; M may be 0 on some processes.

        Raises:
            RuntimeError: Before :meth:`initialize`.
            InputError: If a point of any process is not finite.
        """
        centroids = self._fitted()
        num_clusters, size = centroids.shape
        sums, counts, squares = cluster_sums(points, centroids)
        packed = torch.cat([sums.flatten(), counts.double(), squares[None]])
        if self.all_reduce is not None:
            self.all_reduce(packed)
        # Points that are not finite make the last entry so, on every process alike.
        if not bool(packed[-1].isfinite()):
            raise InputError(
                'the batch holds points that are NaN or infinite: the network has '
                'diverged or its weights are broken; lower the learning rate or start '
                'from an earlier checkpoint'
            )
        sums, counts, squares = packed.split([num_clusters * size, num_clusters, 1])
        sums = sums.view(num_clusters, size)
        distances = sum_of_squares(centroids, sums, counts, squares[0])
        self._totals = self._totals.to(packed.device)
        self._totals += torch.stack([distances, counts.sum()])

        cluster_size = self.cluster_size.to(packed.device) + counts
        old = centroids.double()
        # A cluster that has never had a point has n_k = count_k = 0 and stays.
        step = (sums - counts[:, None] * old) / cluster_size.clamp(min=1e-300)[:, None]
        moved = old + step
        if self.settings.spherical:
            moved = F.normalize(moved, dim=1)
        self.centroids = moved.to(centroids.dtype)
        self.cluster_size = cluster_size
        return self

    def predict(self, points: Tensor) -> Tensor:
        """Cluster ids of points, (M, D) -> (M,) int64."""
        return nearest_cluster(points, self._fitted())

    def cluster_share(self) -> Tensor:
        """Share of all points that each cluster has absorbed, (K,) float64."""
        return self.cluster_size / self.cluster_size.sum()

    def _fitted(self) -> Tensor:
        if self.centroids is None:
            raise RuntimeError(
                'MiniBatchKMeans has no centroids yet: call initialize(points) with a '
                'sample first'
            )
        return self.centroids
