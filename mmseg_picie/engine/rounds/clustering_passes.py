"""The clusterings of a round: of the views, of plain images, and their counts."""

from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from ...clustering import MiniBatchKMeans
from ...models import ClusteringHead, RoundSegmentor, TrainedSegmentor, split_points
from .passes import ImagePass, images_by_shape
from .run_parts import sum_over_processes
from .stream_clusterer import ClusteringSettings, StreamClusterer

ViewPoints = list[list[Tensor]]  # of each view, the points of each image


@torch.no_grad()
def cluster_views(
    model: RoundSegmentor,
    images: ImagePass,
    key: tuple[int, int],
    settings: ClusteringSettings,
    embed: Callable,
    shared: bool,
) -> dict[str, MiniBatchKMeans]:
    """Clusters the views' pixels for each head and stores the centroids there.

    Args:
        model: Says which views it clusters.
        images: Pass over the views.
        key: (seed, round).
        settings: How to cluster.
        embed: Makes the maps of the views of a batch.
        shared: Whether the pixels of all views make one clustering.

    Returns:
        The clusterings by name.
    """
    names = ('views',) if shared else model.clustered_views
    clusterers = [
        _clusterers(head, len(names), images, key, settings)
        for head in model.clustering_heads
    ]
    for indices, views in _view_points(model, images, key, embed):
        views = [settings.points_of(points) for points in views]
        if shared:
            views = [[torch.cat(parts) for parts in zip(*views, strict=True)]]
        for own in clusterers:
            for clusterer, points in zip(own, views, strict=True):
                clusterer.update(points, indices, images.images_per_step)
    fitted = {}
    for head, own in zip(model.clustering_heads, clusterers, strict=True):
        clusters = [clusterer.finish() for clusterer in own]
        head.set_view_clusters(
            torch.stack([k.centroids for k in clusters]),
            torch.stack([k.cluster_size for k in clusters]),
        )
        for name, kmeans in zip(names, clusters, strict=True):
            fitted[_name_of(name, model, head)] = kmeans
    return fitted


def _clusterers(
    head: ClusteringHead,
    count: int,
    images: ImagePass,
    key: tuple[int, int],
    settings: ClusteringSettings,
) -> list[StreamClusterer]:
    """One clusterer for each of a head's sets of centroids."""
    initial = head.initial_centroids()
    inits = [None] * count if initial is None else initial[:count]
    return [
        StreamClusterer(head.num_clusters, images.num_images, settings, key, init)
        for init in inits
    ]


def _name_of(name: str, model: RoundSegmentor, head: ClusteringHead) -> str:
    """Name of a clustering, by which a report tells the heads apart."""
    return name if head is model.decode_head else f'{name} of {head.num_clusters}'


def count_labels(
    model: RoundSegmentor, images: ImagePass, key: tuple[int, int]
) -> None:
    """Counts the labels under the final centroids and stores them as cluster sizes.

    Args:
        model: With its frozen copy, which labels.
        images: Pass over the views.
        key: (seed, round) of the clustering.
    """
    heads = model.clustering_heads
    counts = [torch.zeros_like(head.cluster_sizes) for head in heads]
    embed = model.frozen_views
    for indices, views in _view_points(model, images, key, embed, 'counting labels'):
        if not indices:
            continue
        points = [torch.cat(parts) for parts in views]
        for head, sizes in zip(heads, counts, strict=True):
            for size, ids in zip(sizes, head.label(*points), strict=True):
                size.index_add_(0, ids, size.new_ones(len(ids)))
    for head, sizes in zip(heads, counts, strict=True):
        sum_over_processes(sizes)
        head.cluster_sizes.copy_(sizes)


@torch.no_grad()
def cluster_images(
    model: RoundSegmentor,
    images: ImagePass,
    key: tuple[int, int],
    settings: ClusteringSettings,
    heads: Sequence[ClusteringHead],
) -> dict[str, MiniBatchKMeans]:
    """Clusters the pixels of plain images, as the frozen copy embeds them.

    Args:
        model: With its frozen copy.
        images: Pass over packed test samples.
        key: (seed, rounds trained).
        settings: How to cluster.
        heads: Heads of the model to cluster for, in one pass.

    Returns:
        The clusterings in the order of the heads, by name.
    """
    clusterers = [_clusterers(head, 1, images, key, settings)[0] for head in heads]
    for indices, points in image_points(model, images, key):
        points = settings.points_of(points)
        for clusterer in clusterers:
            clusterer.update(points, indices, images.images_per_step)
    return {
        _name_of('evaluation', model, head): clusterer.finish()
        for head, clusterer in zip(heads, clusterers, strict=True)
    }


def image_points(
    model: RoundSegmentor,
    images: ImagePass,
    key: tuple[int, int],
    title: str | None = None,
) -> Iterator[tuple[list[int], list[Tensor]]]:
    """Yields (indices of the images, their embeddings by the frozen copy).

    Args:
        model: With its frozen copy.
        images: Pass over packed test samples.
        key: (seed, rounds trained), which decides the order.
        title: Name in the progress bar, if not that of the pass.

    Yields:
        Indices in the data set, and the valid cells of each image, (M_i, D) each.
    """
    for indices, samples in images.run(key, title):
        points: dict[int, Tensor] = {}
        for positions, batch, ignore in images_by_shape(
            samples, model.data_preprocessor
        ):
            parts = split_points(model.frozen_embed(batch), ignore)
            points.update(zip(positions, parts, strict=True))
        yield indices, [points[position] for position in range(len(samples))]


def view_images(
    model: TrainedSegmentor, images: ImagePass, key: tuple[int, int], title: str
) -> Iterator[Tensor]:
    """The normalized images of each view of each batch, (N, 3, H, W)."""
    for _, batch in images.run(key, title):
        inputs = model.data_preprocessor(batch, True)['inputs']
        yield from (inputs[name] for name in model.clustered_views if inputs)


def _view_points(
    model: RoundSegmentor,
    images: ImagePass,
    key: tuple[int, int],
    embed: Callable,
    title: str | None = None,
) -> Iterator[tuple[list[int], ViewPoints]]:
    """Yields (indices of the images, their points); empty lists without images."""
    for indices, batch in images.run(key, title):
        inputs = model.data_preprocessor(batch, True)['inputs']
        if not inputs:
            yield indices, [[] for _ in model.clustered_views]
            continue
        # Only the training step sees another view 1 (docs/reference.md R10).
        inputs.pop('train_view1', None)
        ignore = inputs.get('ignore')
        yield indices, [split_points(maps, ignore) for maps in embed(inputs)]
