"""Masks of one image that its own features propose."""

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import InputError, check_least

MASK_THRESHOLD = 0.4  # as released
COVERAGE = 0.95  # share of the points that ends it, as released
MOST_MASKS = 64  # an image of noise would give one for each point


@torch.no_grad()
def mask_proposals(
    points: Tensor,
    threshold: float = MASK_THRESHOLD,
    coverage: float = COVERAGE,
    most_masks: int = MOST_MASKS,
) -> Tensor:
    """Divides the points of one image by their own principal components.

    The first principal axis of the points says what they differ in most. The point
    nearest to it, by the cosine in either direction, and all points like it are a
    mask. They are taken away, and the rest goes the same way (PriMaPs, Hahn et al.
    2024, section 3.1), until nearly all points have a mask. Nothing is drawn.

    Args:
        points: Embeddings of the pixels, (M, D); M may be 0.
        threshold: Least cosine to the chosen point, in (0, 1].
        coverage: Share of the points in masks at which it ends, in (0, 1].
        most_masks: Number of masks at which it ends, >= 1. (The released code ends
            when masks no longer change.)

    Returns:
        Mask of each point, (M,) int64, in the order they were found; -1 for none.

    Raises:
        InputError: If an option is out of range.

    Examples:
        >>> points = torch.tensor([[1.0, 0.1], [1.0, 0.0], [0.0, 1.0]])
        >>> mask_proposals(points).tolist()
        [0, 0, 1]
    """
    check_share('threshold', threshold)
    check_share('coverage', coverage)
    check_least('most_masks', most_masks, 1)
    points = points.double()
    units = F.normalize(points, dim=1)
    masks = points.new_full((len(points),), -1, dtype=torch.int64)
    for mask in range(most_masks):
        rest = (masks < 0).nonzero().flatten()
        if len(points) - len(rest) >= coverage * len(points):
            break
        along, chosen = (units[rest] @ principal_axis(points[rest])).abs().max(0)
        if along == 0:  # no direction is left
            break
        alike = units[rest] @ units[rest[chosen]] >= threshold
        alike[chosen] = True  # whatever rounding makes of its own cosine
        masks[rest[alike]] = mask
    return masks


def principal_axis(points: Tensor) -> Tensor:
    """Direction of the largest variance of points, (M, D) -> (D,); its sign is free.

    Points that are all equal differ in nothing; the axis is then where they lie.
    """
    mean = points.mean(0)
    centered = points - mean
    variances, axes = torch.linalg.eigh(centered.T @ centered)
    if variances[-1] <= 1e-12 * points.square().sum():
        return mean
    return axes[:, -1]


def mask_means(points: Tensor, masks: Tensor) -> Tensor:
    """Mean of the points of each mask.

    Args:
        points: (M, D).
        masks: From :func:`mask_proposals`, (M,).

    Returns:
        (P, D), dtype of the points.
    """
    num_masks = int(masks.max()) + 1 if len(masks) else 0
    inside = masks >= 0
    sums = points.new_zeros(num_masks, points.shape[1], dtype=torch.float64)
    sums.index_add_(0, masks[inside], points[inside].double())
    counts = masks[inside].bincount(minlength=num_masks)
    return (sums / counts[:, None]).to(points.dtype)


def points_of_masks(points: Tensor, masks: Tensor) -> Tensor:
    """The points, each replaced by the mean of its mask; those of no mask stay.

    Args:
        points: (M, D).
        masks: From :func:`mask_proposals`, (M,).
    """
    inside = masks >= 0
    result = points.clone()
    result[inside] = mask_means(points, masks)[masks[inside]]
    return result


def check_share(name: str, value: float) -> None:
    """Refuses a share or cosine that does not lie in (0, 1].

    Raises:
        InputError: If it does not.
    """
    if not 0 < value <= 1:
        raise InputError(f'{name} must lie in (0, 1], got {value}')
