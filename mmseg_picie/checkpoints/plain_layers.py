"""Layers of mmseg's own that compute what a neck and a head of this package do.

mmseg has no layer that brings vectors to unit length, but LayerNorm does so for vectors
whose entries sum to 0: it divides by the root of their mean square. Hence maps of size
D are turned into D + 1 channels that sum to 0, which keeps lengths and products.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from ..errors import InputError
from ..models import LateralSumFPN, MultiLevelPCA

LINEAR = dict(norm_cfg=None, act_cfg=None)
# As small as the least length that `unit_vectors` divides by, squared.
NORM = dict(type='LN', eps=1e-24)


def zero_sum_axes(size: int) -> Tensor:
    """Orthonormal axes of the vectors that sum to 0, (D + 1, D) float64.

    Examples:
        >>> axes = zero_sum_axes(3)
        >>> torch.allclose(axes.T @ axes, torch.eye(3, dtype=torch.float64))
        True
        >>> torch.allclose(axes.sum(0), torch.zeros(3, dtype=torch.float64))
        True
    """
    last = (size + 1) ** -0.5
    axes = torch.full((size + 1, size), (last - 1) / size, dtype=torch.float64)
    axes[:-1] += torch.eye(size, dtype=torch.float64)
    axes[-1] = -last
    return axes


def set_layer(layer: nn.Module, matrix: Tensor, bias: Tensor | None = None) -> None:
    """Makes a convolution a linear map of each cell's own channels.

    Args:
        layer: ``Conv2d`` of stride 1 with padding, or an mmcv ``ConvModule`` of one.
        matrix: (out, in); (out, 1) for a depthwise convolution.
        bias: (out,); 0 if None.
    """
    conv = getattr(layer, 'conv', layer)
    middle = [side // 2 for side in conv.kernel_size]
    conv.weight.zero_()
    conv.weight[:, :, middle[0], middle[1]] = matrix.to(conv.weight)
    if conv.bias is not None:
        conv.bias.zero_() if bias is None else conv.bias.copy_(bias)


def set_norm(norm: nn.LayerNorm, length: float) -> None:
    """Lets a LayerNorm of zero-sum vectors bring them to a length."""
    norm.weight.fill_(length / norm.normalized_shape[0] ** 0.5)
    norm.bias.zero_()


# --- necks -----------------------------------------------------------------------


def plain_neck(neck: nn.Module | None) -> tuple[list[dict], int]:
    """Configs of mmseg's necks, one after the other, and which map is the embedding.

    Raises:
        InputError: If mmseg has none that compute the same.
    """
    kind = type(neck)
    if kind not in NECKS:
        name = 'a network without a neck' if neck is None else kind.__name__
        raise InputError(_cannot(name, f'only {_names()} were written for it'))
    config, _, index = NECKS[kind]
    return config(neck), index


def fill_neck(plain: nn.Module, neck: nn.Module) -> None:
    """Gives the modules of :func:`plain_neck` the weights of a neck, in place."""
    _, fill, _ = NECKS[type(neck)]
    fill(list(plain), neck)


def _sum_config(neck: LateralSumFPN) -> list[dict]:
    if neck.context:
        raise InputError(
            _cannot(
                f'LateralSumFPN(context={neck.context})',
                'the window of its average goes with the size of the image',
            )
        )
    size, levels = neck.out_channels + 1, len(neck.in_channels)
    pyramid = dict(
        type='FPN',
        in_channels=list(neck.in_channels),
        out_channels=size,
        num_outs=levels,
        upsample_cfg=dict(mode='bilinear', align_corners=False),
    )
    if neck.residual is None:
        return [pyramid]
    hidden = neck.residual[0].out_channels + 2 * neck.out_channels
    finest = dict(type='FPN', out_channels=size, num_outs=1, end_level=1)
    mlp = dict(
        type='MLANeck',
        in_channels=[size],
        out_channels=hidden,
        norm_layer=dict(NORM),
        norm_cfg=None,
        act_cfg=dict(type='ReLU'),
    )
    return [
        pyramid,
        dict(finest, in_channels=[size] * levels),
        mlp,
        dict(finest, in_channels=[hidden]),
    ]


def _fill_sum(plain: list[nn.Module], neck: LateralSumFPN) -> None:
    axes = zero_sum_axes(neck.out_channels)
    own = torch.eye(len(axes))
    for part in plain:
        if hasattr(part, 'fpn_convs'):
            for layer in part.fpn_convs:
                set_layer(layer, own)
    for layer, lateral in zip(plain[0].lateral_convs, neck.laterals, strict=True):
        weight, bias = lateral.weight[..., 0, 0].double(), lateral.bias.double()
        set_layer(layer, axes @ weight, axes @ bias)
    if neck.residual is not None:
        set_layer(plain[1].lateral_convs[0], own)
        _fill_residual(plain[2], neck, axes)
        both = torch.zeros(neck.out_channels, plain[2].out_channels).double()
        _eye(both, 0).add_(1)
        _eye(both, neck.out_channels).sub_(1)
        set_layer(plain[3].lateral_convs[0], axes @ both)


def _fill_residual(mlp: nn.Module, neck: LateralSumFPN, axes: Tensor) -> None:
    """maps + MLP(maps): what passes a ReLU unchanged is kept as relu(x), relu(-x)."""
    size = neck.out_channels
    first, _, last = neck.residual
    set_norm(mlp.norm[0], size**0.5)
    own = torch.eye(size).double()
    inner = torch.cat([own, -own, first.weight[..., 0, 0].double()]) @ axes.T
    bias = torch.cat([torch.zeros(2 * size), first.bias])
    set_layer(mlp.mla.channel_proj[0], inner, bias)
    outer = torch.cat([own, -own, last.weight[..., 0, 0].double()], dim=1)
    rest = len(inner) - 2 * size
    outer = torch.cat([outer, -outer, torch.zeros(rest, len(inner))])
    bias = torch.cat([last.bias, -last.bias, torch.zeros(rest)])
    set_layer(mlp.mla.feat_extract[0], outer, bias)


def _eye(matrix: Tensor, column: int) -> Tensor:
    """The diagonal that begins at a column, a view."""
    return matrix[:, column : column + len(matrix)].diagonal()


def _pca_config(neck: MultiLevelPCA) -> list[dict]:
    if neck.grid_level:
        raise InputError(
            _cannot(
                f'MultiLevelPCA(grid_level={neck.grid_level})',
                'mmseg averages no level to the grid of a coarser one',
            )
        )
    return [
        dict(
            type='JPU',
            in_channels=tuple(neck.in_channels),
            mid_channels=neck.out_channels + 1,
            dilations=(1,),
            **LINEAR,
        )
    ]


def _fill_pca(plain: list[nn.Module], neck: MultiLevelPCA) -> None:
    (sums,) = plain
    axes = zero_sum_axes(neck.out_channels)
    projection = axes @ neck.projection.double()
    parts = projection.split(list(neck.in_channels), dim=1)
    means = neck.mean.double().split(list(neck.in_channels))
    for (layer,), part, mean in zip(sums.conv_layers, parts, means, strict=True):
        set_layer(layer, part, -part @ mean)
    ((separable,),) = sums.dilation_layers
    set_layer(separable.depthwise_conv, torch.ones(len(parts) * len(axes), 1))
    set_layer(separable.pointwise_conv, torch.eye(len(axes)).repeat(1, len(parts)))


# --- head ------------------------------------------------------------------------


def plain_head(in_channels: int, in_index: int, num_classes: int) -> dict:
    """Config of mmseg's head: LayerNorm and one convolution, ``conv_seg``."""
    return dict(
        type='SETRUPHead',
        in_channels=in_channels + 1,
        channels=in_channels + 1,
        in_index=in_index,
        num_convs=0,
        num_classes=num_classes,
        norm_layer=dict(NORM),
        dropout_ratio=0.0,
        align_corners=False,
        loss_decode=dict(type='CrossEntropyLoss'),
    )


def fill_head(plain: nn.Module, weight: Tensor, bias: Tensor) -> None:
    """Gives the head its weights: (classes, D) and (classes,), of unit vectors."""
    set_norm(plain.norm, 1.0)
    axes = zero_sum_axes(weight.shape[1])
    set_layer(plain.conv_seg, weight.double() @ axes.T, bias)


# Config, weights, and which of the last neck's maps is the embedding.
NECKS: dict[type, tuple[Callable, Callable, int]] = {
    LateralSumFPN: (_sum_config, _fill_sum, 0),
    MultiLevelPCA: (_pca_config, _fill_pca, -1),
}


def _names() -> str:
    return ' and '.join(kind.__name__ for kind in NECKS)


def _cannot(what: str, why: str) -> str:
    return (
        f'{what} has no equal among the layers of mmseg ({why}): export it with '
        '--to onnx, which has no such limits'
    )
