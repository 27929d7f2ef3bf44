"""k-means over the pixels of a stream of images, alike on any number of processes."""

import math
from dataclasses import dataclass

import torch
from mmengine.dist import get_dist_info
from torch import Tensor

from ...clustering import (
    MASK_THRESHOLD,
    KMeansSettings,
    MiniBatchKMeans,
    check_share,
    mask_means,
    mask_proposals,
)
from ...errors import InputError, check_choice, check_least
from ...views import draw_pixels
from .run_parts import gather_rows, same_everywhere, sum_over_processes

POINTS_FROM = ('pixels', 'masks')


@dataclass(frozen=True)
class ClusteringSettings(KMeansSettings):
    """How a clustering pass is made: k-means, and what of the images it sees.

    Attributes:
        image_share: Share of the training images that a pass visits, drawn anew every
            round; 1.0 is all of them, as released. Less is faster and noisier.
        pixel_share: Share of each image's pixels that are clustered, in (0, 1].
        init_images: Images whose pixels may join the init (released: 20 batches of
            256); a smaller data set joins whole.
        init_points: About how many pixels join the init; each image gives an equal
            share.
        points_from: What is a point for k-means: each pixel ('pixels', default) or
            the mean of each mask that an image's own principal components propose
            ('masks'; PriMaPs, see :func:`~mmseg_picie.clustering.mask_proposals`).
            Cluster sizes then count masks.
        mask_threshold: Least cosine of a mask's points to the one it began with, in
            (0, 1].
        warm_start: Whether the clusterings of a run descend from one, in place of an
            init each. That one is of the plain training images, before the first
            round. Views and plain images then go on from the centroids that predicted
            last, and those of an auxiliary head from its own of the clustering before.
            A cluster keeps its id in all views and follows the network from round to
            round. False as released.
    """

    image_share: float = 1.0
    pixel_share: float = 1.0
    init_images: int = 5120
    init_points: int = 300_000
    points_from: str = 'pixels'
    mask_threshold: float = MASK_THRESHOLD
    warm_start: bool = False

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ('image_share', 'pixel_share', 'mask_threshold'):
            check_share(name, getattr(self, name))
        for name in ('init_images', 'init_points'):
            check_least(name, getattr(self, name), 1)
        check_choice('points_from', self.points_from, POINTS_FROM)
        if self.points_from == 'masks' and self.pixel_share < 1:
            raise InputError(
                f"pixel_share must be 1 with points_from='masks', which are of all "
                f'pixels, got {self.pixel_share}'
            )

    def points_of(self, images: list[Tensor]) -> list[Tensor]:
        """What of each image is a point: pixels, (M_i, D) -> (P_i, D)."""
        if self.points_from == 'pixels':
            return images
        return [
            mask_means(pixels, mask_proposals(pixels, self.mask_threshold))
            for pixels in images
        ]


class StreamClusterer:
    """Mini-batch k-means whose init is drawn from the first images.

    The sample of the init is a function of (seed, round) and the images' order, so
    every number of processes clusters the same points.

    Args:
        num_clusters: K.
        num_images: Images that the pass visits, over all processes.
        settings: How to cluster.
        key: (seed, round).
        initial_centroids: Centroids to go on from with ``settings.warm_start``,
            (K, D); None for an init of its own.
    """

    def __init__(
        self,
        num_clusters: int,
        num_images: int,
        settings: ClusteringSettings,
        key: tuple[int, int],
        initial_centroids: Tensor | None = None,
    ) -> None:
        self.key = key
        self.initial_centroids = initial_centroids if settings.warm_start else None
        self.init_images = min(settings.init_images, num_images)
        self.pixel_share = settings.pixel_share
        self.pixels_per_image = max(1, settings.init_points // self.init_images)
        self.kmeans = MiniBatchKMeans(
            num_clusters,
            seed=key[0],
            settings=settings,
            all_reduce=sum_over_processes,
        )
        self.rank, self.world_size = get_dist_info()
        self._seen_here = 0
        self._seen = 0
        self._sample: list[Tensor] = []
        self._positions: list[Tensor] = []
        self._num_pixels = 0

    def update(
        self, images: list[Tensor], indices: list[int], images_per_step: int
    ) -> None:
        """Takes one step's images of this process; every process must call it.

        Args:
            images: Points of each image, (M_i, D).
            indices: Index of each image in the data set.
            images_per_step: Images of a full step over all processes.
        """
        if self.pixel_share < 1:
            images = [
                self._draw(points, index, math.ceil(self.pixel_share * len(points)))
                for points, index in zip(images, indices, strict=True)
            ]
        if self.kmeans.centroids is not None:
            self.kmeans.partial_fit(torch.cat(images) if images else self._nothing())
            return
        for points, index in zip(images, indices, strict=True):
            drawn = self._draw(points, index, self.pixels_per_image)
            position = self._seen_here * self.world_size + self.rank
            self._sample.append(drawn)
            self._positions.append(torch.full((len(drawn),), position))
            self._num_pixels += len(points)
            self._seen_here += 1
        self._seen += images_per_step
        if self._seen >= self.init_images:
            self._initialize()

    def finish(self) -> MiniBatchKMeans:
        """Returns the fitted k-means; call it after the last step."""
        if self.kmeans.centroids is None:
            self._initialize()
        return self.kmeans

    def _draw(self, points: Tensor, index: int, count: int) -> Tensor:
        """At most ``count`` of an image's points, (M, D)."""
        drawn = draw_pixels(*self.key, index, len(points), count)
        return points[torch.from_numpy(drawn).to(points.device)]

    def _nothing(self) -> Tensor:
        return self.kmeans.centroids[:0]

    def _initialize(self) -> None:
        sample = torch.cat(self._sample)
        positions = torch.cat(self._positions).to(sample.device)
        sample, positions = gather_rows(sample), gather_rows(positions)
        # Order of one process: images by position, pixels within them as drawn.
        sample = sample[positions.sort(stable=True).indices]
        if len(sample) < self.kmeans.num_clusters:
            raise InputError(
                f'num_clusters is {self.kmeans.num_clusters} but the init sample holds '
                f'only {len(sample)} pixels: lower num_clusters, or raise init_points '
                'or init_images of KMeansLabelHook'
            )
        represented = torch.tensor([self._num_pixels], dtype=torch.float64)
        sum_over_processes(represented)
        self.kmeans.initialize(sample, int(represented), self.initial_centroids)
        # Atomic sums on a GPU may differ in the last bit between processes.
        same_everywhere(self.kmeans.centroids)
        same_everywhere(self.kmeans.cluster_size)
        self._sample, self._positions = [], []
