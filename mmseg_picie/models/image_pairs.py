"""Which images are compared with each other, and at which points."""

import torch
import torch.nn.functional as F
from torch import Tensor


def random_others(count: int) -> Tensor:
    """Another image of a batch for each image, drawn at random.

    They are a permutation, whose fixed points go on to the next image.

    Args:
        count: Images in the batch.

    Returns:
        Indices, (count,) int64, or (0,) for one image alone, which has no other. They
        are on the CPU, whose generator is set in every round.
    """
    others = torch.randperm(count)
    others = torch.where(others == torch.arange(count), others + 1, others)
    return others % count if count > 1 else others[:0]


def random_places(count: int, side: int) -> Tensor:
    """``side`` x ``side`` places on each image, uniform, (N, side, side, 2), CPU.

    Coordinates are (x, y) in [-1, 1]; -1 and 1 are the centers of the outer cells.
    """
    return torch.rand(count, side, side, 2) * 2 - 1


def points_at(maps: Tensor, places: Tensor | None) -> Tensor:
    """Points of maps, (N, C, h, w) -> (N, P, C).

    Args:
        maps: One map for each image.
        places: As :func:`random_places` draws them; values between cells are
            interpolated bilinearly. None for all cells.
    """
    if places is not None:
        places = places.to(maps)
        maps = F.grid_sample(maps, places, padding_mode='border', align_corners=True)
    return maps.flatten(2).mT
