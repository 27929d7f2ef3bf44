"""Images decoded and resized ahead of the network."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import NamedTuple

import numpy as np

from ..errors import InputError
from .input_images import InputImage, is_large

READERS = 2  # threads that decode and resize while the network runs
LARGE_TILE = 1024  # side of the tiles of an image that is cut unasked


class ReadImage(NamedTuple):
    """What the network needs of an image.

    Attributes:
        image: The image.
        size: Its own (height, width).
        pixels: As the network sees it, (h, w, 3) uint8 BGR; None for an image that is
            cut into tiles, which is read when its turn comes: several whole ones would
            not fit into memory.
        tile: Side of its tiles; None for one that passes whole.
        error: Why it cannot be read; the rest says nothing then.
    """

    image: InputImage
    size: tuple[int, int] = (0, 0)
    pixels: np.ndarray | None = None
    tile: int | None = None
    error: InputError | None = None


def read_ahead(
    images: Iterable[InputImage],
    batch_size: int,
    resize: Callable[[np.ndarray], np.ndarray],
    tile: int | None,
    most_pixels: int | None = None,
) -> Iterator[list[ReadImage]]:
    """Batches of images, the next one read while the last one is used.

    Args:
        images: Images.
        batch_size: Number of images of a batch.
        resize: From an image to what the network sees of it.
        tile: As for :func:`tile_side`.
        most_pixels: Of what the network sees of an image; those of more are cut into
            tiles of 1024 as well. None for no such limit.
    """
    images = iter(images)

    def start(pool: ThreadPoolExecutor) -> list:
        batch = islice(images, batch_size)
        return [pool.submit(_read, image, resize, tile, most_pixels) for image in batch]

    with ThreadPoolExecutor(READERS) as pool:
        ahead = start(pool)
        while ahead:
            batch, ahead = ahead, start(pool)
            yield [task.result() for task in batch]


def tile_side(size: tuple[int, int], tile: int | None) -> int | None:
    """Side of the tiles of an image; None for one that passes whole.

    Args:
        size: (height, width).
        tile: What the user wants: larger images are cut. None: only images of more
            than 50 megapixels are, into tiles of 1024.
    """
    if tile is None:
        return LARGE_TILE if is_large(size) else None
    return tile if max(size) > tile else None


def _read(
    image: InputImage, resize: Callable, tile: int | None, most_pixels: int | None
) -> ReadImage:
    try:
        raster = image.large_raster()
        if raster is not None:
            with raster:
                size = raster.shape[:2]
            return ReadImage(image, size, tile=tile_side(size, tile) or max(size))
        pixels = image.read()
    except InputError as error:
        return ReadImage(image, error=error)
    size = pixels.shape[:2]
    side = tile_side(size, tile)
    if side is not None:
        return ReadImage(image, size, tile=side)
    pixels = resize(pixels)
    if most_pixels is not None and pixels.shape[0] * pixels.shape[1] > most_pixels:
        return ReadImage(image, size, tile=LARGE_TILE)
    return ReadImage(image, size, pixels)
