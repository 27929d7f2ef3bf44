"""Whole images beside their clusters, for the page."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..datasets import LabelFolder
from ..engine import PassProgress
from ..errors import InputError
from ..inference import InputImage, Predictor
from .pictures import data_uri, pack_ids, sample_ids, shrink
from .surveyed_images import middle, read_part

SIDES = (512, 384, 256, 192)  # px of the longer side; smaller where bytes are short
QUALITY = 78

Shown = tuple[InputImage, np.ndarray, np.ndarray]


def make_gallery(
    predictor: Predictor,
    images: Sequence[InputImage],
    labels: LabelFolder | None,
    budget: int,
) -> list[dict[str, Any]]:
    """Pictures of images, and which cluster each pixel has.

    Args:
        predictor: Predicts clusters.
        images: What to show; those that cannot be read are left out.
        labels: Truth of some of them.
        budget: Bytes at most; the last images are left out where even small pictures
            take more.

    Returns:
        For each image ``name``, ``width``, ``height``, ``picture`` (a data URI),
        ``ids`` and, with a label, ``truth`` (of :func:`pack_ids`).
    """
    shown = list(_predict(predictor, images))
    for side in SIDES:
        items = [_item(*found, labels, side) for found in shown]
        lengths = np.cumsum([_length(item) for item in items])
        if not len(lengths) or lengths[-1] <= budget:
            return items
    return items[: int((lengths <= budget).sum())]


def _predict(predictor: Predictor, images: Sequence[InputImage]):
    """(image, pixels, ids) of each that can be read, no larger than they are shown."""
    with PassProgress('drawing the gallery', len(images)) as progress:
        for image in images:
            progress.advance(1)
            try:
                pixels = read_part(image)
            except InputError:
                continue  # the survey says which ones
            whole = InputImage(image.name, np.ascontiguousarray(pixels[..., ::-1]))
            (found,) = predictor.predictions([whole])
            small = shrink(pixels, SIDES[0])
            yield image, small, sample_ids(found.ids, small.shape[:2])


def _item(
    image: InputImage,
    pixels: np.ndarray,
    ids: np.ndarray,
    labels: LabelFolder | None,
    side: int,
) -> dict[str, Any]:
    picture = shrink(pixels, side)
    size = picture.shape[:2]
    item = dict(
        name=image.name,
        width=size[1],
        height=size[0],
        picture=data_uri(picture, QUALITY),
        ids=pack_ids(sample_ids(ids, size)),
    )
    if labels is not None and image.name in labels.names:
        truth = labels.load(image.name)
        part = middle(truth.shape)
        item['truth'] = pack_ids(sample_ids(truth[part] if part else truth, size))
    return item


def _length(item: dict[str, Any]) -> int:
    return sum(len(value) for value in item.values() if isinstance(value, str))
