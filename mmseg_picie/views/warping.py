"""Crop, flip and turn of feature maps and back, differentiable.

Coordinates are those of :mod:`mmseg_picie.views.geometric`.
"""

import torch
from torch import Tensor

from .geometric import check_square


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

    A box lies straight, so sampling is one matrix product per axis: the result of
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


def _mirrored(flip: Tensor, turns: Tensor | None) -> tuple[Tensor, Tensor]:
    """Whether x and y run backwards before a quarter turn's exchange of the axes.

    A quarter turn counterclockwise is a mirror image, left to right, with rows and
    columns exchanged; three are one upside down.
    """
    if turns is None:
        return flip, torch.zeros_like(flip)
    return flip ^ (turns == 1) ^ (turns == 2), turns >= 2


def _exchanged(maps: Tensor, turns: Tensor | None, size: tuple[int, int]) -> Tensor:
    """Exchanges rows and columns of the maps (N, D, h, w) that odd turns lay across."""
    if turns is None:
        return maps
    across = turns % 2 == 1
    if size[0] != size[1]:
        check_square(bool(across.any()), size)
        return maps
    # A CPU knows at once; a GPU would have to wait for the answer.
    if not across.is_cuda and not across.any():
        return maps
    return torch.where(across[:, None, None, None], maps.mT, maps)


def warp(
    features: Tensor,
    box: Tensor,
    flip: Tensor,
    size: tuple[int, int],
    turns: Tensor | None = None,
) -> Tensor:
    """Crops, resizes, flips and turns maps of the base frame, each in its own way.

    Args:
        features: (N, D, h, w), floating point.
        box: (N, 4), (x0, y0, x1, y1) in [0, 1] of the base frame.
        flip: (N,), bool; left to right.
        size: Output (height, width).
        turns: (N,), int64, quarter turns counterclockwise, 0 to 3; None for none.

    Returns:
        (N, D, height, width). Differentiable in ``features``.

    Raises:
        InputError: If a map takes an odd number of turns and the size is not square.

    Examples:
        >>> features = torch.arange(4.0).view(1, 1, 1, 4)
        >>> right_half = torch.tensor([[0.5, 0.0, 1.0, 1.0]])
        >>> warp(features, right_half, torch.tensor([False]), (1, 2)).flatten()
        tensor([2., 3.])
        >>> warp(features, right_half, torch.tensor([True]), (1, 2)).flatten()
        tensor([3., 2.])
        >>> whole, same = torch.tensor([[0.0, 0.0, 1.0, 1.0]]), torch.tensor([False])
        >>> square = torch.arange(4.0).view(1, 1, 2, 2)
        >>> warp(square, whole, same, (2, 2), turns=torch.tensor([1])).squeeze()
        tensor([[1., 3.],
                [0., 2.]])
    """
    box = box.to(features)
    mirror_x, mirror_y = _mirrored(flip, turns)
    u = _unit_centers(size[1], features).expand(len(features), -1)
    u = torch.where(mirror_x[:, None], 1 - u, u)
    v = _unit_centers(size[0], features).expand(len(features), -1)
    v = torch.where(mirror_y[:, None], 1 - v, v)
    x = box[:, :1] + u * (box[:, 2:3] - box[:, :1])
    y = box[:, 1:2] + v * (box[:, 3:] - box[:, 1:2])
    return _exchanged(_sample(features, x, y), turns, size)


def inverse_warp(
    features: Tensor,
    box: Tensor,
    flip: Tensor,
    size: tuple[int, int],
    turns: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Puts maps of crops back into the base frame.

    Args:
        features: (N, D, h, w) in the frame of the flipped and turned crops.
        box: (N, 4) as in :func:`warp`.
        flip: (N,), bool.
        size: (height, width) of the base frame's map.
        turns: (N,), int64, as in :func:`warp`.

    Returns:
        Maps, (N, D, height, width), zero outside the box, and the mask of cells
        whose center lies inside it, (N, height, width), bool.

    Raises:
        InputError: If a map took an odd number of turns and is not square.

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
    mirror_x, mirror_y = _mirrored(flip, turns)
    u = torch.where(mirror_x[:, None], 1 - u, u)
    v = torch.where(mirror_y[:, None], 1 - v, v)
    upright = _exchanged(features, turns, features.shape[2:])
    maps = _sample(upright, u, v)
    return maps * valid[:, None], valid
