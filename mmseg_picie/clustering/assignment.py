"""Which cluster a point belongs to, and the sums k-means needs."""

from collections.abc import Iterator

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import InputError, check_choice, check_least

RULES = ('euclidean', 'cosine', 'dot')

# Points of a chunk stay in the cache of one core between assignment and summation.
CPU_CHUNK = 1 << 12
# Elsewhere launches cost more than memory: as many scores as fit in 64 MB.
DEVICE_SCORES = 1 << 24


def cluster_scores(
    points: Tensor, centroids: Tensor, rule: str = 'euclidean'
) -> Tensor:
    """Score of each point against each centroid; higher is nearer.

    'euclidean' is z.c - |c|^2 / 2, which orders as the squared distance does; 'cosine'
    is z.c / |c|, the cosine for points of unit length; 'dot' is z.c, which prefers long
    centroids (PiCIE, section 3.1; the released code labels by the first and trains by
    the last). Autocast is off inside: half precision would change the nearest centroid.

    Args:
        points: (M, D).
        centroids: (K, D), same device.
        rule: One of ``RULES``.

    Returns:
        (M, K), differentiable in ``points``, in the wider of the two dtypes.

    Raises:
        InputError: If the rule is unknown or the embedding sizes differ.

    Examples:
        >>> points, centroids = torch.tensor([[1.0, 0.0]]), torch.tensor([[2.0, 0.0]])
        >>> cluster_scores(points, centroids)  # 1 * 2 - 2 * 2 / 2
        tensor([[0.]])
        >>> cluster_scores(points, centroids, 'cosine')
        tensor([[1.]])
        >>> cluster_scores(points, centroids, 'dot')
        tensor([[2.]])
    """
    with torch.autocast(points.device.type, enabled=False):
        return _scores(points, *_linear_map(points, centroids, rule))


@torch.no_grad()
def nearest_cluster(
    points: Tensor,
    centroids: Tensor,
    rule: str = 'euclidean',
    chunk_size: int = 1 << 16,
) -> Tensor:
    """Index of the highest score, in chunks that bound the memory.

    Args:
        points: (M, D); M may be 0.
        centroids: (K, D), same device.
        rule: One of ``RULES``.
        chunk_size: Points scored at a time.

    Returns:
        Cluster ids in [0, K), (M,) int64. Ties go to the lowest id.

    Raises:
        InputError: If an argument does not fit, as in :func:`cluster_scores`.

    Examples:
        >>> points = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
        >>> centroids = torch.tensor([[0.0, 2.0], [0.9, 0.1]])
        >>> nearest_cluster(points, centroids)
        tensor([1, 0])
    """
    check_least('chunk_size', chunk_size, 1)
    return torch.cat(
        [labels for _, labels in labeled_chunks(points, centroids, rule, chunk_size)]
    )


def labeled_chunks(
    points: Tensor,
    centroids: Tensor,
    rule: str = 'euclidean',
    chunk_size: int | None = None,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Yields points in the dtype of the scores, (m, D), and their cluster ids, (m,).

    Args:
        points: (M, D); with M = 0 there is one empty chunk.
        centroids: (K, D), same device.
        rule: One of ``RULES``.
        chunk_size: By default what is fastest on the device.
    """
    if chunk_size is None:
        chunk_size = CPU_CHUNK
        if points.device.type != 'cpu':
            chunk_size = max(CPU_CHUNK, DEVICE_SCORES // len(centroids))
    weight, bias = _linear_map(points, centroids, rule)
    for chunk in points.split(chunk_size):
        chunk = chunk.to(weight.dtype)
        with torch.autocast(points.device.type, enabled=False):
            # max is twice as fast as argmax here; both take the first of equals.
            labels = _scores(chunk, weight, bias).max(1).indices
        yield chunk, labels


@torch.no_grad()
def cluster_sums(points: Tensor, centroids: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Sums over the points nearest to each centroid under the euclidean rule.

    One pass; nothing of size M is kept and nothing waits for the device. Chunks are
    summed in the points' dtype, the sums of chunks in float64.

    Args:
        points: (M, D); M may be 0.
        centroids: (K, D), same device.

    Returns:
        Sum of the points of each cluster, (K, D) float64; their number, (K,) int64;
        sum of |z|^2 over all points, () float64.
    """
    num_clusters, size = centroids.shape
    sums = points.new_zeros(num_clusters, size, dtype=torch.float64)
    counts = points.new_zeros(num_clusters, dtype=torch.int64)
    squares = points.new_zeros((), dtype=torch.float64)
    for chunk, labels in labeled_chunks(points, centroids):
        part = chunk.new_zeros(num_clusters, size)
        sums += part.index_add_(0, labels, chunk)
        counts.index_add_(0, labels, torch.ones_like(labels))
        flat = chunk.reshape(-1)
        squares += torch.dot(flat, flat)
    return sums, counts, squares


def sum_of_squares(
    centroids: Tensor, sums: Tensor, counts: Tensor, squares: Tensor
) -> Tensor:
    """Squared distances to the centroids, summed, from :func:`cluster_sums`; ()."""
    centroids = centroids.double()
    own = (counts * centroids.square().sum(1)).sum()
    return (squares - 2 * (centroids * sums).sum() + own).clamp(min=0)


def score_map(centroids: Tensor, rule: str) -> tuple[Tensor, Tensor | None]:
    """A rule as an affine map: scores are points @ matrix + offset.

    Args:
        centroids: (K, D).
        rule: One of ``RULES``.

    Returns:
        The matrix (D, K) and the offset (K,), or None where the rule has none.

    Raises:
        InputError: If the rule is unknown.

    Examples:
        >>> matrix, offset = score_map(torch.tensor([[2.0, 0.0]]), 'euclidean')
        >>> matrix.flatten(), offset
        (tensor([2., 0.]), tensor([-2.]))
    """
    check_choice('rule', rule, RULES)
    if rule == 'cosine':
        return F.normalize(centroids, dim=1).T, None
    # A centroid is not of unit length; the dot product alone prefers tight clusters.
    bias = -0.5 * centroids.square().sum(1) if rule == 'euclidean' else None
    return centroids.T, bias


def _linear_map(
    points: Tensor, centroids: Tensor, rule: str
) -> tuple[Tensor, Tensor | None]:
    """As :func:`score_map`, checked against the points and in the wider dtype."""
    if points.dim() != 2 or points.shape[1:] != centroids.shape[1:]:
        raise InputError(
            f'points must be (M, D) and centroids (K, D) with the same D, got '
            f'{tuple(points.shape)} and {tuple(centroids.shape)}'
        )
    dtype = torch.promote_types(points.dtype, centroids.dtype)
    return score_map(centroids.to(dtype), rule)


def _scores(points: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
    points = points.to(weight.dtype)
    return points @ weight if bias is None else torch.addmm(bias, points, weight)
