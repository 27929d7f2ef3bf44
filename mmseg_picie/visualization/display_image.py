"""Images and masks at the size of a screen."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from ..errors import InputError
from .panels import color_mask

REDUCED = {
    8: cv2.IMREAD_REDUCED_COLOR_8,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    1: cv2.IMREAD_COLOR,
}
FINER = 2  # ids are sampled finer than they are shown, for smooth edges


def read_for_display(
    path: Path, image_size: tuple[int, int], size: tuple[int, int]
) -> np.ndarray:
    """An image file at another size; a large JPEG file is never decoded whole.

    Args:
        path: The file; it is turned as its EXIF says.
        image_size: (height, width) that the image has.
        size: (height, width) to show it at.

    Returns:
        (*size, 3) uint8 BGR.

    Raises:
        InputError: If the file cannot be decoded.
        ValueError: If the image has another size.
    """
    factor = next(
        f
        for f in REDUCED
        if f == 1 or all(full // f >= s for full, s in zip(image_size, size))
    )
    try:
        image = cv2.imdecode(np.fromfile(path, np.uint8), REDUCED[factor])
    except cv2.error as error:
        raise InputError(f'{path} cannot be decoded: {error.err}') from error
    if image is None:
        raise InputError(f'{path} cannot be decoded: OpenCV does not read it')
    off = [abs(f * factor - full) for f, full in zip(image.shape, image_size)]
    if max(off) >= factor:
        raise ValueError(
            f'{path} is reduced by {factor} to {image.shape[:2]}, which is not '
            f'the size of its mask {image_size}'
        )
    return show_image(image, size)


def show_image(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """An image at another size: averaged to be smaller, smooth where larger.

    Args:
        image: (H, W, 3) uint8.
        size: (height, width).
    """
    smaller = size[0] < image.shape[0]
    how = cv2.INTER_AREA if smaller else cv2.INTER_CUBIC
    return cv2.resize(image, size[::-1], interpolation=how)


def show_mask(
    ids: np.ndarray, palette: Sequence[Sequence[int]], size: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """A mask of ids in colors at another size, without making it whole first.

    Args:
        ids: (H, W) of integers.
        palette: [r, g, b] of each id; ids beyond have no class and are black.
        size: (height, width).

    Returns:
        Colors, (*size, 3) uint8 BGR, and the share of each pixel that has a class,
        (*size, 1) float32 in [0, 1].
    """
    near = sample(ids, [FINER * side for side in size])
    known = ((near >= 0) & (near < len(palette))).astype(np.float32)
    colors, known = (
        cv2.resize(picture, size[::-1], interpolation=cv2.INTER_AREA)
        for picture in (color_mask(near, palette), known)
    )
    return colors, known[..., None]


def sample(ids: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """The ids at the centers of a grid of (height, width) over a mask."""
    rows, columns = (
        ((np.arange(side) + 0.5) * full / side).astype(int)
        for full, side in zip(ids.shape, size)
    )
    return ids[np.ix_(rows, columns)]


def fit_size(size: tuple[int, int], smallest: int, largest: int) -> tuple[int, int]:
    """The (height, width) to show an image at, its longer side within bounds."""
    longest = max(size)
    scale = min(max(longest, smallest), largest) / longest
    return tuple(max(1, round(side * scale)) for side in size)
