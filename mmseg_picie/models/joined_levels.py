"""The maps of a backbone as one map."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor


def joined_levels(levels: Tensor | Sequence[Tensor]) -> Tensor:
    """All levels side by side on the grid of the first.

    One level stays as it is. Of several, coarser ones are interpolated bilinearly, and
    each cell's vector of a level is brought to mean square 1: the cosine of two joined
    vectors is then the mean of the levels' cosines, each counted by its channels.

    Args:
        levels: Maps (N, C_i, h_i, w_i), finest first, or one map.

    Returns:
        (N, sum C_i, h_0, w_0).

    Examples:
        >>> joined_levels([torch.ones(1, 2, 4, 4), torch.ones(1, 3, 2, 2)]).shape
        torch.Size([1, 5, 4, 4])
    """
    if isinstance(levels, Tensor):
        return levels
    if len(levels) == 1:
        return levels[0]
    grid = levels[0].shape[2:]
    parts = []
    for level in levels:
        if level.shape[2:] != grid:
            level = F.interpolate(
                level, size=grid, mode='bilinear', align_corners=False
            )
        parts.append(F.normalize(level, dim=1) * level.shape[1] ** 0.5)
    return torch.cat(parts, dim=1)
