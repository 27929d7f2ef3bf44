"""Images of which a training makes poor clusters: one line each, before it begins."""

import statistics
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from mmengine.runner import Runner
from PIL import Image

from ...datasets import leaves
from ...datasets.transforms import PairedViews
from ...files import image_header
from .run_parts import unwrap

FEW_IMAGES = 20
MEASURED = 200  # images whose size is looked at
SIZE_STEP = 32  # strides of the network divide it
LEAST_SIZE = 64
ENLARGED = 1.25  # less is not worth a word


def few_images(images: int, clusters: int) -> str | None:
    """What to say of a number of images; None where they are enough.

    Args:
        images: Number of images that are clustered.
        clusters: Number of clusters K.

    Examples:
        >>> few_images(3, 27)[:35]
        '3 images are few for 27 clusters: c'
        >>> few_images(20, 27)
    """
    if images >= FEW_IMAGES:
        return None
    return (
        f'{images} images are few for {clusters} clusters: clusters may be parts of '
        f'single images; from about {FEW_IMAGES} on they are kinds of things; add '
        'images'
    )


def short_side(paths: Sequence[Any]) -> int | None:
    """Median short side of images in pixels, by the headers of at most 200 of them.

    Returns:
        Pixels; None if no header can be read.
    """
    sides = []
    for path in spread(paths, MEASURED):
        try:
            sides.append(min(image_header(path).size))
        except (OSError, ValueError, Image.DecompressionBombError):
            continue  # loading it says what is wrong
    return int(statistics.median(sides)) if sides else None


def fitting_size(side: int) -> int:
    """The largest size of a network's input that does not enlarge images.

    Args:
        side: Short side of the images.

    Returns:
        A multiple of 32, at least 64.

    Examples:
        >>> fitting_size(120), fitting_size(30)
        (96, 64)
    """
    return max(LEAST_SIZE, side // SIZE_STEP * SIZE_STEP)


def spread(items: Sequence[Any], count: int) -> Iterator[Any]:
    """At most ``count`` items, evenly spread."""
    step = max(1, len(items) / count)
    return (items[int(i * step)] for i in range(min(count, len(items))))


def warn_of_images(runner: Runner) -> None:
    """Warns of few images and of images smaller than the network's input.

    Args:
        runner: About to train a segmentor that clusters.
    """
    dataset = runner.train_dataloader.dataset
    clusters = unwrap(runner.model).decode_head.num_clusters
    note = few_images(len(dataset), clusters)
    if note:
        runner.logger.warning(
            f'{note}, or lower model.decode_head.num_clusters, which is {clusters}'
        )
    for leaf in leaves(dataset):
        note = _enlarged(leaf)
        if note:
            runner.logger.warning(note)
            return


def _enlarged(dataset: Any) -> str | None:
    """What to say of a data set whose images the views enlarge."""
    steps = getattr(getattr(dataset, 'pipeline', None), 'transforms', ())
    places = [i for i, step in enumerate(steps) if isinstance(step, PairedViews)]
    if not places or not hasattr(dataset, 'get_data_info'):
        return None
    size = min(steps[places[0]].size)
    side = short_side(list(_paths(dataset)))
    if side is None or size <= ENLARGED * side or size <= LEAST_SIZE:
        return None
    return (
        f'images are about {side} px and the network sees them at {size} px: enlarged, '
        'they take time and show nothing more; lower '
        f'train_dataloader.dataset.pipeline.{places[0]}.size, and the size of '
        f'ResizeShortSide in the other pipelines, to {fitting_size(side)}'
    )


def _paths(dataset: Any) -> Iterable[Path]:
    for index in spread(range(len(dataset)), MEASURED):
        path = dataset.get_data_info(index).get('img_path')
        if path is not None:
            yield Path(path)
