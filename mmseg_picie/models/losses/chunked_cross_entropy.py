"""Cross-entropy of points to fixed centers, with its gradient, in chunks.

The centers are constant, so the gradient of the points is known in closed form:
(softmax - one-hot) times the matrix of the scores. No map of scores is kept.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

# Scores of a chunk: 4 MB stay in the last cache between the passes over them; elsewhere
# launches cost more than memory.
CPU_SCORES = 1 << 20
DEVICE_SCORES = 1 << 21


@dataclass(frozen=True)
class Target:
    """What points are compared with: scores are points @ matrix + offset.

    Attributes:
        matrix: (D, K), constant.
        offset: (K,) or None.
        labels: Cluster of each of the M points, (M,) int64 in [0, K).
        pixel_weight: (M,), 0 where a point does not count (its label is any).
    """

    matrix: Tensor
    offset: Tensor | None
    labels: Tensor
    pixel_weight: Tensor


def cross_entropy_sums(
    points: Tensor, targets: Sequence[Target], factors: Tensor
) -> Tensor:
    """Weighted cross-entropy sums of the same points to several targets.

    One pass over the points serves all targets: one matrix product makes their scores,
    one more the gradient. Autocast is off inside. Nothing waits for the device.

    On the CPU the gradient is made in the same pass, as if the incoming gradients of
    all sums were 1, and scaled afterwards. Where they differ from each other, in a
    second backward pass, and on other devices (where to compare them would make the
    host wait), the chunks are scored once more in the backward pass.

    Args:
        points: (M, D), or maps (N, D, h, w) with M = N h w pixels in order, in any
            memory layout; float32 or float64. M may be 0.
        targets: One or more, in the points' dtype.
        factors: Multiplier of each sum, (T,), constant.

    Returns:
        (T,) float64, differentiable once in ``points``.

    Raises:
        ValueError: If the points are neither (M, D) nor (N, D, h, w), or a target
            does not fit them.
    """
    columns = _columns(points)
    maps, size, pixels = columns.shape
    for target in targets:
        if len(target.matrix) != size:
            raise ValueError(
                f'target.matrix must be (D, K) with the D = {size} of the points, got '
                f'{tuple(target.matrix.shape)}'
            )
        if target.labels.shape != (maps * pixels,):
            raise ValueError(
                f'target.labels must be ({maps * pixels},), one for each point, got '
                f'{tuple(target.labels.shape)}'
            )
    matrix = torch.cat([target.matrix.T for target in targets])
    offset = torch.cat(
        [
            target.matrix.new_zeros(target.matrix.shape[1])
            if target.offset is None
            else target.offset
            for target in targets
        ]
    )
    # Inside a Function gradients are always off, so it has to be told.
    wants_gradient = columns.requires_grad and torch.is_grad_enabled()
    return _CrossEntropySums.apply(
        columns,
        matrix,
        offset,
        factors,
        wants_gradient,
        [target.matrix.shape[1] for target in targets],
        *(target.labels.view(maps, 1, pixels) for target in targets),
        *(target.pixel_weight.view(maps, 1, pixels) for target in targets),
    )


def _columns(points: Tensor) -> Tensor:
    """(M, D) or (N, D, h, w) -> (N, D, M / N), a view."""
    if points.dim() == 2:
        return points.T[None]
    if points.dim() == 4:
        return points.flatten(2)
    raise ValueError(
        f'points must be (M, D) or (N, D, h, w), got {tuple(points.shape)}'
    )


class _CrossEntropySums(torch.autograd.Function):
    @staticmethod
    def forward(ctx, points, matrix, offset, factors, wants_gradient, sizes, *rest):
        gradient = None
        if wants_gradient and points.is_cpu:
            gradient = torch.empty_like(points)
        tensors = points, matrix, offset, factors, *rest
        sums = _pass(*tensors, sizes=sizes, gradient=gradient)
        if wants_gradient:
            ctx.sizes, ctx.gradient = sizes, gradient
            ctx.save_for_backward(*tensors)
        return sums

    @staticmethod
    @once_differentiable
    def backward(ctx, grad_sums):
        """Gradient of the points; the forward pass may have made it."""
        # Given away, so that it can be scaled in place.
        gradient, ctx.gradient = ctx.gradient, None
        if gradient is not None and bool((grad_sums == grad_sums[0]).all()):
            factor = grad_sums[0].item()
            if factor != 1:
                gradient.mul_(factor)
        else:
            points, matrix, offset, factors, *rest = ctx.saved_tensors
            if gradient is None:
                gradient = torch.empty_like(points)
            factors = factors * grad_sums
            _pass(
                points,
                matrix,
                offset,
                factors,
                *rest,
                sizes=ctx.sizes,
                gradient=gradient,
            )
        return (gradient, *[None] * (len(ctx.needs_input_grad) - 1))


@torch.no_grad()
def _pass(
    points: Tensor,
    matrix: Tensor,
    offset: Tensor,
    factors: Tensor,
    *labels_and_weights: Tensor,
    sizes: list[int],
    gradient: Tensor | None,
) -> Tensor:
    """Sums (T,) float64; fills ``gradient`` (N, D, P) where there is one."""
    labels, weights = (
        labels_and_weights[: len(sizes)],
        labels_and_weights[len(sizes) :],
    )
    sums = [points.new_zeros((), dtype=torch.float64) for _ in sizes]
    budget = CPU_SCORES if points.is_cpu else DEVICE_SCORES
    with torch.autocast(points.device.type, enabled=False):
        for maps, pixels in _chunks(points, max(1, budget // len(matrix))):
            chunk = points[maps, :, pixels]
            count = len(chunk)
            scores = torch.baddbmm(offset[:, None], matrix.expand(count, -1, -1), chunk)
            for index, group in enumerate(scores.split(sizes, dim=1)):
                sums[index] += _cross_entropy(
                    group,
                    labels[index][maps, :, pixels],
                    weights[index][maps, :, pixels] * factors[index],
                    gradient is not None,
                )
            if gradient is not None:
                torch.bmm(
                    matrix.T.expand(count, -1, -1),
                    scores,
                    out=gradient[maps, :, pixels],
                )
    return torch.stack(sums)


def _cross_entropy(
    scores: Tensor, labels: Tensor, weight: Tensor, wants_gradient: bool
) -> Tensor:
    """Weighted sum, (), of (n, K, p) scores, which their gradient takes the place of.

    Args:
        scores: (n, K, p); overwritten.
        labels: (n, 1, p).
        weight: (n, 1, p).
        wants_gradient: Whether to finish the gradient.
    """
    scores.sub_(scores.amax(1, keepdim=True))
    own = scores.gather(1, labels)
    scores.exp_()
    norm = scores.sum(1, keepdim=True)
    if wants_gradient:
        scores.mul_(weight / norm).scatter_add_(1, labels, -weight)
    return norm.log_().sub_(own).mul_(weight).sum(dtype=torch.float64)


def _chunks(points: Tensor, most: int) -> Iterator[tuple[slice, slice]]:
    """Slices over maps and over pixels with at most ``most`` points, of even size."""
    num, _, pixels = points.shape
    if num * pixels == 0:
        return
    maps = max(1, most // pixels)
    step = -(-pixels // -(-pixels // most))
    for start in range(0, num, maps):
        for first in range(0, pixels, step):
            yield slice(start, start + maps), slice(first, first + step)
