"""Channels of a backbone's maps, for necks that take them as they come."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from ..errors import InputError

AUTO = 'auto'
SIDE = 64  # px of the image that a backbone is tried with, unless it has its own size


def check_channels(in_channels: Sequence[int] | str) -> None:
    """Refuses what is no list of numbers, in a neck.

    Raises:
        InputError: If it is not.
    """
    if in_channels == AUTO:
        raise InputError(
            f"neck.in_channels='{AUTO}' is for segmentors of mmseg_picie (PiCIE, MDC): "
            'with others, list the channels of the backbone'
        )
    listed = isinstance(in_channels, Sequence) and not isinstance(in_channels, str)
    if not listed or not all(isinstance(c, int) and c > 0 for c in in_channels):
        raise InputError(
            'neck.in_channels must be a list with the channels of each level of the '
            f"backbone, or '{AUTO}', got {in_channels!r}"
        )


def backbone_channels(backbone: nn.Module) -> list[int]:
    """Channels of each map that a backbone gives, finest first.

    They are asked of a black image. Weights, statistics and random numbers stay as they
    are.

    Args:
        backbone: As mmseg has them: images in, a list of (N, C, h, w) maps out. If it
            has an ``img_size``, it is tried with an image of that size.

    Raises:
        InputError: If it gives anything else.
    """
    size = getattr(backbone, 'img_size', SIDE)
    height, width = (size, size) if isinstance(size, int) else size
    training = backbone.training
    backbone.eval()
    with torch.no_grad():
        maps = backbone(torch.zeros(1, 3, height, width))
    backbone.train(training)
    if isinstance(maps, Tensor) or not all(
        isinstance(level, Tensor) and level.ndim == 4 for level in maps
    ):
        raise InputError(
            f"neck.in_channels='{AUTO}' needs a backbone that gives a list of maps; "
            f'{type(backbone).__name__} gives something else: list the channels'
        )
    return [level.shape[1] for level in maps]
