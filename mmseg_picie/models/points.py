"""Maps as lists of points."""

import torch
import torch.nn.functional as F
from torch import Tensor


def to_points(embedding: Tensor) -> Tensor:
    """(N, D, h, w) -> (N h w, D), pixels in order."""
    return embedding.permute(0, 2, 3, 1).flatten(0, 2)


def at_cells(maps: Tensor, cells: Tensor) -> Tensor:
    """Vectors at cells of each map, row by row: (N, D, h, w), (N, P) -> (N, P, D)."""
    points = maps.flatten(2)
    return points.gather(2, cells[:, None].expand(-1, maps.shape[1], -1)).mT


def valid_cells(ignore: Tensor | None, embedding: Tensor) -> Tensor:
    """Cells of an embedding with no ignored pixel under them.

    Args:
        ignore: Pixels to leave out, (N, H, W) bool, or None.
        embedding: (N, D, h, w), for its shape and device.

    Returns:
        (N h w,) bool.
    """
    num, _, *size = embedding.shape
    if ignore is None:
        return embedding.new_ones(num * size[0] * size[1], dtype=torch.bool)
    touched = F.adaptive_max_pool2d(ignore[:, None].float(), tuple(size))
    return (touched == 0).flatten()


def split_points(embedding: Tensor, ignore: Tensor | None) -> list[Tensor]:
    """Points of each image that count: (N, D, h, w) -> N tensors (M_i, D)."""
    points = to_points(embedding)
    count = len(points) // len(embedding)
    if ignore is None:
        return list(points.split(count))
    valid = valid_cells(ignore, embedding).split(count)
    return [part[keep] for part, keep in zip(points.split(count), valid, strict=True)]
