"""Crop, flip and turn of images; where a box lies on pixels and on cells.

Coordinates are relative to the base frame, pixel and cell centers lie at
(i + 0.5) / n (``align_corners=False``), so one real-valued box means the same window
at every resolution. :mod:`mmseg_picie.views.warping` does the same to features.
"""

from dataclasses import replace

import cv2
import numpy as np

from ..errors import InputError, check_choice
from .params import GeometricParams

FRAMES = ('center', 'full')


def base_frame(image: np.ndarray, frame: str) -> np.ndarray:
    """The part of an image that boxes refer to: the center square or all of it.

    Args:
        image: (H, W) or (H, W, C).
        frame: 'center' or 'full'.

    Returns:
        A view of the image, (S, S, ...) with S = min(H, W), or the image.

    Raises:
        InputError: If ``frame`` is neither.

    Examples:
        >>> base_frame(np.array([[0, 1, 2, 3], [4, 5, 6, 7]]), 'center')
        array([[1, 2],
               [5, 6]])
    """
    check_choice('frame', frame, FRAMES)
    if frame == 'full':
        return image
    height, width = image.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return image[top : top + side, left : left + side]


def snap_to_pixels(
    params: GeometricParams, height: int, width: int
) -> tuple[GeometricParams, tuple[int, int, int, int]]:
    """Moves the box to the nearest pixel edges of a frame, at least 1 px wide.

    Warping features with the snapped box then covers exactly the pixels that were
    cut from the image, at any resolution.

    Returns:
        The snapped parameters and the same box as (left, top, right, bottom) pixels.

    Examples:
        >>> params = GeometricParams(box=(0.1, 0.1, 0.6, 0.6))
        >>> snapped, pixels = snap_to_pixels(params, height=4, width=4)
        >>> pixels
        (0, 0, 2, 2)
        >>> snapped.box
        (0.0, 0.0, 0.5, 0.5)
    """
    edges = []
    for low, high, size in (
        (params.box[0], params.box[2], width),
        (params.box[1], params.box[3], height),
    ):
        start = min(round(low * size), size - 1)
        edges.append((start, max(round(high * size), start + 1)))
    (left, right), (top, bottom) = edges
    box = (left / width, top / height, right / width, bottom / height)
    return replace(params, box=box), (left, top, right, bottom)


def snap_to_grid(params: GeometricParams, cells: int) -> GeometricParams:
    """Moves the box to the cells of a grid by the released code's rounding.

    The side is rounded down and then the position, which keeps its share of what is
    left, to the nearest cell. On the pixels of an image and on the cells of its
    feature map these are different windows (docs/reference.md R3).

    Args:
        params: With a square box of a square frame.
        cells: Cells on a side of the grid.

    Returns:
        The snapped parameters; the box is at least 1 cell wide.

    Examples:
        >>> snap_to_grid(GeometricParams(box=(0.1, 0.1, 0.8, 0.8)), cells=4).box
        (0.25, 0.25, 0.75, 0.75)
    """
    x0, y0, x1, _ = params.box
    ratio = x1 - x0
    # Sums of floats may fall short of a whole number of cells.
    side = max(1, int(ratio * cells + 1e-9))
    left, top = (
        round((cells - side) * start / (1 - ratio)) if ratio < 1 else 0
        for start in (x0, y0)
    )
    edges = (left, top, left + side, top + side)
    return replace(params, box=tuple(edge / cells for edge in edges))


def resize(
    image: np.ndarray, size: tuple[int, int], interpolation: int | None = None
) -> np.ndarray:
    """Resizes to (height, width).

    By default an axis that shrinks is averaged over areas, then one that grows is
    interpolated bilinearly.
    """
    if interpolation is not None:
        return cv2.resize(image, size[::-1], interpolation=interpolation)
    shrunk = (min(image.shape[0], size[0]), min(image.shape[1], size[1]))
    if image.shape[:2] != shrunk:
        image = cv2.resize(image, shrunk[::-1], interpolation=cv2.INTER_AREA)
    if image.shape[:2] != tuple(size):
        image = cv2.resize(image, size[::-1], interpolation=cv2.INTER_LINEAR)
    return image


def check_square(turned: bool, size: tuple[int, int]) -> None:
    """Refuses quarter turns of views that are not square: they would not fit.

    Raises:
        InputError: If ``turned`` and (height, width) differ.
    """
    if turned and size[0] != size[1]:
        raise InputError(
            f'quarter turns need square views, got (height, width) = {tuple(size)}: '
            'set quarter_turns=False, or one number as the size'
        )


def crop_image(
    image: np.ndarray,
    pixels: tuple[int, int, int, int],
    flip: bool,
    size: tuple[int, int],
    turns: int = 0,
    interpolation: int | None = None,
) -> np.ndarray:
    """Cuts a pixel box, resizes it to (height, width), then flips, then turns.

    Args:
        image: Base frame, (H, W) or (H, W, C).
        pixels: (left, top, right, bottom), right and bottom exclusive.
        flip: Whether to mirror left to right.
        size: Output (height, width).
        turns: Quarter turns counterclockwise, 0 to 3.
        interpolation: A cv2 flag; by default as in :func:`resize`.

    Raises:
        InputError: If ``turns`` is odd and the size is not square.

    Examples:
        >>> image = np.array([[0, 1, 2], [3, 4, 5]], np.uint8)
        >>> crop_image(image, (1, 0, 3, 2), flip=True, size=(2, 2))
        array([[2, 1],
               [5, 4]], dtype=uint8)
        >>> crop_image(image, (1, 0, 3, 2), flip=True, size=(2, 2), turns=1)
        array([[1, 4],
               [2, 5]], dtype=uint8)
    """
    check_square(turns % 2 == 1, size)
    left, top, right, bottom = pixels
    crop = resize(image[top:bottom, left:right], size, interpolation)
    crop = cv2.flip(crop, 1) if flip else crop
    return np.rot90(crop, turns) if turns else crop
