"""Crop and flip in one frame of reference: images, features, labels and back.

Coordinates are relative to the base frame, pixel and cell centers lie at
(i + 0.5) / n (``align_corners=False``), so one real-valued box means the same window
at every resolution.
"""

import cv2
import numpy as np
import torch
from torch import Tensor

from ..errors import check_choice
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
    return GeometricParams(box, params.flip), (left, top, right, bottom)


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
    return GeometricParams(tuple(edge / cells for edge in edges), params.flip)


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


def crop_image(
    image: np.ndarray,
    pixels: tuple[int, int, int, int],
    flip: bool,
    size: tuple[int, int],
    interpolation: int | None = None,
) -> np.ndarray:
    """Cuts a pixel box, resizes it to (height, width), then flips.

    Args:
        image: Base frame, (H, W) or (H, W, C).
        pixels: (left, top, right, bottom), right and bottom exclusive.
        flip: Whether to mirror left to right.
        size: Output (height, width).
        interpolation: A cv2 flag; by default as in :func:`resize`.

    Examples:
        >>> image = np.array([[0, 1, 2], [3, 4, 5]], np.uint8)
        >>> crop_image(image, (1, 0, 3, 2), flip=True, size=(2, 2))
        array([[2, 1],
               [5, 4]], dtype=uint8)
    """
    left, top, right, bottom = pixels
    crop = resize(image[top:bottom, left:right], size, interpolation)
    return cv2.flip(crop, 1) if flip else crop


def _unit_centers(count: int, like: Tensor) -> Tensor:
    return (torch.arange(count, device=like.device, dtype=like.dtype) + 0.5) / count


def _weights(centers: Tensor, count: int) -> Tensor:
    """Share of each of ``count`` cells in the samples at relative centers.

    Args:
        centers: (N, n); those outside [0, 1] take the cell at the border.
        count: Cells on the axis.

    Returns:
        (N, n, count); rows sum to 1.
    """
    position = (centers * count - 0.5).clamp(0, count - 1)
    cells = torch.arange(count, device=centers.device, dtype=centers.dtype)
    return (1 - (position[:, :, None] - cells).abs()).clamp(min=0)


def _sample(features: Tensor, x: Tensor, y: Tensor) -> Tensor:
    """Samples (N, D, h, w) bilinearly at relative x (N, W) and y (N, H).

    A box has no rotation, so sampling is one matrix product per axis: the result of
    ``grid_sample`` in a third of its time, and deterministic on GPUs. The second
    product takes N h W w numbers more for a moment.
    """
    # Reduced precision would move the samples.
    with torch.autocast(features.device.type, enabled=False):
        num, size, height, width = features.shape
        rows, columns = _weights(y, height), _weights(x, width)
        if not features.is_contiguous(memory_format=torch.channels_last):
            return rows[:, None] @ (features @ columns.mT[:, None])
        maps = features.permute(0, 2, 3, 1).reshape(num, height, width * size)
        maps = (rows @ maps).view(num, -1, width, size)
        return (columns[:, None] @ maps).permute(0, 3, 1, 2)


def warp(features: Tensor, box: Tensor, flip: Tensor, size: tuple[int, int]) -> Tensor:
    """Crops, resizes and flips maps of the base frame, each with its own box.

    Args:
        features: (N, D, h, w), floating point.
        box: (N, 4), (x0, y0, x1, y1) in [0, 1] of the base frame.
        flip: (N,), bool.
        size: Output (height, width).

    Returns:
        (N, D, height, width). Differentiable in ``features``.

    Examples:
        >>> features = torch.arange(4.0).view(1, 1, 1, 4)
        >>> right_half = torch.tensor([[0.5, 0.0, 1.0, 1.0]])
        >>> warp(features, right_half, torch.tensor([False]), (1, 2)).flatten()
        tensor([2., 3.])
        >>> warp(features, right_half, torch.tensor([True]), (1, 2)).flatten()
        tensor([3., 2.])
    """
    box = box.to(features)
    u = _unit_centers(size[1], features).expand(len(features), -1)
    u = torch.where(flip[:, None], 1 - u, u)
    v = _unit_centers(size[0], features).expand(len(features), -1)
    x = box[:, :1] + u * (box[:, 2:3] - box[:, :1])
    y = box[:, 1:2] + v * (box[:, 3:] - box[:, 1:2])
    return _sample(features, x, y)


def inverse_warp(
    features: Tensor, box: Tensor, flip: Tensor, size: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Puts maps of crops back into the base frame.

    Args:
        features: (N, D, h, w) in the frame of the flipped crops.
        box: (N, 4) as in :func:`warp`.
        flip: (N,), bool.
        size: (height, width) of the base frame's map.

    Returns:
        Maps, (N, D, height, width), zero outside the box, and the mask of cells
        whose center lies inside it, (N, height, width), bool.

    Examples:
        >>> crop = torch.tensor([3.0, 2.0]).view(1, 1, 1, 2)  # right half, flipped
        >>> box, flip = torch.tensor([[0.5, 0.0, 1.0, 1.0]]), torch.tensor([True])
        >>> maps, valid = inverse_warp(crop, box, flip, (1, 4))
        >>> maps.flatten()
        tensor([0., 0., 2., 3.])
        >>> valid.flatten()
        tensor([False, False,  True,  True])
    """
    box = box.to(features)
    x = _unit_centers(size[1], features).expand(len(features), -1)
    y = _unit_centers(size[0], features).expand(len(features), -1)
    u = (x - box[:, :1]) / (box[:, 2:3] - box[:, :1])
    v = (y - box[:, 1:2]) / (box[:, 3:] - box[:, 1:2])
    inside_x, inside_y = (u >= 0) & (u <= 1), (v >= 0) & (v <= 1)
    valid = inside_y[:, :, None] & inside_x[:, None, :]
    u = torch.where(flip[:, None], 1 - u, u)
    maps = _sample(features, u, v)
    return maps * valid[:, None], valid
