"""Masks of images that do not fit into memory."""

from collections.abc import Iterator, Sequence

import numpy as np

from ..engine import PassProgress
from ..files import Raster
from ..mask_files import Mask, MaskWriter, PngWriter
from .input_images import InputImage
from .predictor import Predictor
from .reading import tile_side


def write_large(
    predictor: Predictor,
    image: InputImage,
    writers: Sequence[MaskWriter],
    tile: int | None,
    confidence: bool,
) -> None:
    """Predicts an image by parts and writes its mask.

    With PNG writers alone, which give a GeoTIFF then, only some rows of the image and
    of the mask are in memory. Other formats need the whole mask, a byte for each pixel
    (and two for a confidence).

    Args:
        predictor: Predicts.
        image: One with a :meth:`~InputImage.large_raster`.
        writers: Those that have this image already are left out.
        tile: As for :meth:`Predictor.predictions`.
        confidence: Whether to compute it.

    Raises:
        InputError: If the image cannot be read.
    """
    todo = [writer for writer in writers if not writer.is_done(image.name)]
    by_rows = [writer for writer in todo if isinstance(writer, PngWriter)]
    whole = [writer for writer in todo if not isinstance(writer, PngWriter)]
    with image.open() as raster:
        size = raster.shape[:2]
        side = tile_side(size, tile) or max(size)
        rows = _watched(predictor, image.name, raster, side, confidence)
        if whole:
            mask = _whole_mask(image, rows)
            for writer in whole:
                writer.write(mask)
            for writer in by_rows:
                writer.write_rows(image.name, size, [mask.class_ids], raster.place)
        else:
            ids = (own for own, _ in rows)
            by_rows[0].write_rows(image.name, size, ids, raster.place)


def _watched(
    predictor: Predictor, name: str, raster: Raster, side: int, confidence: bool
) -> Iterator[tuple[np.ndarray, np.ndarray | None]]:
    with PassProgress(f'predicting {name}', raster.shape[0], 'rows') as progress:
        for ids, shares in predictor.rows(raster, side, confidence):
            yield ids, shares
            progress.advance(len(ids))


def _whole_mask(image: InputImage, rows: Iterator) -> Mask:
    ids, shares = zip(*rows, strict=True)
    known = shares[0] is not None
    confidence = np.concatenate(shares) if known else None
    return Mask(image.name, image.path, np.concatenate(ids), confidence)
