"""The decoder of PiCIE."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...errors import InputError, check_least
from ..channels import check_channels


@MODELS.register_module()
class LateralSumFPN(BaseModule):
    """Feature pyramid of 1x1 laterals and sums alone (PiCIE, section 4.1).

    Each level passes a 1x1 convolution with bias; from the coarsest down, the sum is
    upsampled bilinearly (``align_corners=False``) and added to the next level. No 3x3
    smoothing, no norm, no activation: the output is the embedding before
    normalization.

    Args:
        in_channels: Channels of each backbone level, finest first. In a segmentor of
            this package 'auto' takes them from the backbone.
        out_channels: Embedding size D.
        context: Side of the square over which each cell's output is averaged, as a
            share of the map's shorter side (so that it goes with the images' size), in
            [0, 1]; to the nearest odd number of cells. 0 (default, the paper's) is no
            average. A single cell of a shallow network says little of what it is part
            of, and clusters of such cells are textures.
        residual_channels: Hidden channels of a residual, maps + MLP(maps), after the
            sum and its average, each cell brought to mean square 1 first. Its last
            layer is 0 at first, so the first embedding has the direction that it has
            without it. It learns what a linear map cannot, while the sum keeps what is
            known. 0 (default, the paper's) is none.
        init_cfg: mmengine initialization.

    Raises:
        InputError: If ``in_channels`` is no list of numbers, ``context`` is not a
            share, or ``residual_channels`` < 0.
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        out_channels: int = 128,
        context: float = 0.0,
        residual_channels: int = 0,
        init_cfg: dict | list | None = None,
    ) -> None:
        super().__init__(init_cfg)
        check_channels(in_channels)
        if not 0 <= context <= 1:
            raise InputError(f'neck.context must lie in [0, 1], got {context}')
        check_least('neck.residual_channels', residual_channels, 0)
        self.in_channels = list(in_channels)
        self.out_channels = out_channels
        self.context = context
        self.laterals = nn.ModuleList(
            nn.Conv2d(channels, out_channels, 1) for channels in in_channels
        )
        self.residual = None
        if residual_channels:
            self.residual = nn.Sequential(
                nn.Conv2d(out_channels, residual_channels, 1),
                nn.ReLU(inplace=True),
                nn.Conv2d(residual_channels, out_channels, 1),
            )
            _make_zero(self.residual[2])

    @torch.no_grad()
    def set_initial_projection(self, mean: Tensor, projection: Tensor) -> None:
        """Sets the laterals to a linear map of the centered, concatenated levels.

        The sum of the levels' laterals is that map, since upsampling is linear.
        Embedding sizes and levels beyond those of ``projection`` are 0 at first.

        Args:
            mean: Of the first levels' channels, (C,).
            projection: (d, C) with d <= D.

        Raises:
            InputError: If C is not the channels of the first levels, or d > D.
        """
        rows, total = projection.shape
        levels, channels = 0, 0
        while channels < total and levels < len(self.in_channels):
            channels += self.in_channels[levels]
            levels += 1
        if channels != total or rows > self.out_channels:
            raise InputError(
                f'projection must be (d, C), d at most {self.out_channels} and C the '
                f'sum of the first of {self.in_channels}, got {tuple(projection.shape)}'
            )
        for lateral in self.laterals:
            lateral.weight.zero_()
            lateral.bias.zero_()
        parts = projection.split(self.in_channels[:levels], dim=1)
        for lateral, part in zip(self.laterals, parts, strict=False):
            lateral.weight[:rows].copy_(part[:, :, None, None])
        self.laterals[0].bias[:rows].copy_(-projection @ mean)
        if self.residual is not None:
            _make_zero(self.residual[2])  # a loaded one is of other axes

    def forward(self, inputs: Sequence[Tensor]) -> tuple[Tensor]:
        """Sums the levels.

        Args:
            inputs: Maps (N, C_i, h_i, w_i), finest first.

        Returns:
            One map in a tuple, as mmseg's heads expect: (N, D, h_0, w_0).

        Raises:
            InputError: If the levels are not those of ``in_channels``.
        """
        channels = [level.shape[1] for level in inputs]
        if channels != self.in_channels:
            raise InputError(
                f'neck.in_channels is {self.in_channels}, the backbone gives '
                f'{channels}: set in_channels to that, or change backbone.out_indices'
            )
        output = self.laterals[-1](inputs[-1])
        for lateral, level in zip(
            list(self.laterals)[-2::-1], list(inputs)[-2::-1], strict=True
        ):
            level = lateral(level)
            if output.shape[2:] != level.shape[2:]:
                output = F.interpolate(
                    output, size=level.shape[2:], mode='bilinear', align_corners=False
                )
            output = output + level
        output = self._average(output)
        return (output if self.residual is None else self._add_residual(output),)

    def _add_residual(self, maps: Tensor) -> Tensor:
        # The layers' usual initial weights are for inputs of unit variance.
        maps = F.normalize(maps, dim=1) * self.out_channels**0.5
        return maps + self.residual(maps)

    def _average(self, maps: Tensor) -> Tensor:
        """Each cell's mean over its surroundings, within the map."""
        reach = round((self.context * min(maps.shape[2:]) - 1) / 2)
        if reach < 1:
            return maps
        return F.avg_pool2d(maps, 2 * reach + 1, 1, reach, count_include_pad=False)


def _make_zero(layer: nn.Conv2d) -> None:
    nn.init.zeros_(layer.weight)
    nn.init.zeros_(layer.bias)
