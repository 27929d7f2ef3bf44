"""Pretrained features of several levels, balanced and compressed, for a baseline."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor

from ...errors import InputError
from ..channels import check_channels
from ..points import valid_cells


@MODELS.register_module()
class MultiLevelPCA(BaseModule):
    """Concatenates levels at equal total variance and projects on their main axes.

    Maps are brought to the grid of one level, centered, divided by the root of their
    level's total variance (so that no level dominates by its scale) and projected on
    the first ``out_channels`` principal components. Statistics come from
    :meth:`accumulate` and :meth:`fit`; they are buffers, nothing is learned by
    gradient.

    Args:
        in_channels: Channels of each backbone level, finest first. In a segmentor of
            this package 'auto' takes them from the backbone.
        out_channels: Components D kept, at most sum(in_channels).
        grid_level: Level whose grid the output has.
        init_cfg: mmengine initialization.

    Raises:
        InputError: If ``in_channels`` is no list of numbers, ``out_channels`` exceeds
            their sum or ``grid_level`` is not a level.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        out_channels: int = 64,
        grid_level: int = 0,
        init_cfg: dict | list | None = None,
    ) -> None:
        super().__init__(init_cfg)
        check_channels(in_channels)
        total = sum(in_channels)
        if not 1 <= out_channels <= total:
            raise InputError(
                f'out_channels must be in [1, {total}] (sum of in_channels), '
                f'got {out_channels}'
            )
        if not 0 <= grid_level < len(in_channels):
            raise InputError(
                f'grid_level must be in [0, {len(in_channels)}), got {grid_level}'
            )
        self.in_channels = tuple(in_channels)
        self.out_channels = out_channels
        self.grid_level = grid_level
        self.register_buffer('mean', torch.zeros(total))
        self.register_buffer('projection', torch.zeros(out_channels, total))
        self.reset()

    def reset(self) -> None:
        """Forgets what was accumulated."""
        self._moments: Tensor | None = None

    def _concatenate(self, inputs: Sequence[Tensor]) -> Tensor:
        channels = tuple(level.shape[1] for level in inputs)
        if channels != self.in_channels:
            raise InputError(
                f'neck.in_channels is {self.in_channels}, the backbone gives '
                f'{channels}: set in_channels to that, or change backbone.out_indices'
            )
        size = inputs[self.grid_level].shape[2:]
        return torch.cat([_to_grid(level, size) for level in inputs], dim=1)

    def accumulate(
        self, inputs: Sequence[Tensor], ignore: Tensor | None = None
    ) -> None:
        """Adds a batch of maps to the moments.

        Args:
            inputs: (N, C_i, h_i, w_i) each.
            ignore: Pixels to leave out, (N, H, W) bool, or None.
        """
        maps = self._concatenate(inputs)
        points = maps.permute(0, 2, 3, 1).flatten(0, 2)[valid_cells(ignore, maps)]
        points = points.double()
        # [points, 1]^T [points, 1] holds count, sums and products at once.
        points = F.pad(points, (0, 1), value=1.0)
        product = points.T @ points
        self._moments = product if self._moments is None else self._moments + product

    @property
    def moments(self) -> Tensor:
        """Accumulated [x, 1]^T [x, 1], (C + 1, C + 1) float64; sum it over processes.

        Raises:
            RuntimeError: If nothing was accumulated.
        """
        if self._moments is None:
            raise RuntimeError('MultiLevelPCA.fit needs accumulate() first')
        return self._moments

    def fit(self) -> None:
        """Computes mean and projection from the moments and forgets these."""
        moments = self.moments
        count, total = moments[-1, -1], moments[-1, :-1]
        mean = total / count
        covariance = moments[:-1, :-1] / count - mean[:, None] * mean
        scale = torch.cat(
            [
                block.trace().clamp(min=1e-12).rsqrt().expand(len(block))
                for block in _diagonal_blocks(covariance, self.in_channels)
            ]
        )
        _, axes = torch.linalg.eigh(covariance * scale[:, None] * scale)
        axes = axes.flip(1)[:, : self.out_channels].T
        # An eigenvector's sign is arbitrary; fix it, so that results repeat.
        largest = axes.gather(1, axes.abs().argmax(1, keepdim=True))
        axes = axes * largest.sign()
        self.mean.copy_(mean)
        self.projection.copy_(axes * scale)
        self.reset()

    def forward(self, inputs: Sequence[Tensor]) -> tuple[Tensor]:
        """Projects; (N, D, h, w) on the grid of ``grid_level``, in a tuple."""
        maps = self._concatenate(inputs) - self.mean[:, None, None]
        return (F.conv2d(maps, self.projection[:, :, None, None]),)


def _to_grid(level: Tensor, size: Sequence[int]) -> Tensor:
    if level.shape[2:] == tuple(size):
        return level
    if level.shape[2] > size[0]:
        return F.adaptive_avg_pool2d(level, tuple(size))
    return F.interpolate(level, size=tuple(size), mode='bilinear', align_corners=False)


def _diagonal_blocks(matrix: Tensor, sizes: Sequence[int]) -> list[Tensor]:
    start, blocks = 0, []
    for size in sizes:
        blocks.append(matrix[start : start + size, start : start + size])
        start += size
    return blocks
