"""From scores on a small grid to ids at an image's size, in bounded memory."""

import torch
import torch.nn.functional as F
from torch import Tensor

CHUNK_VALUES = 8_000_000  # scores that exist at once, 32 MB of float32


def ids_at_size(
    scores: Tensor,
    size: tuple[int, int],
    chunk_values: int = CHUNK_VALUES,
    table: Tensor | None = None,
) -> Tensor:
    """The best id of each pixel after bilinear upsampling, in bounded memory.

    The result is that of ``F.interpolate(..., mode='bilinear').argmax(0)``. The scores
    of 100 clusters on a photo of 24 megapixels would take 9 GB; here scores exist only
    of some rows at once, and only of pixels between grid points of different ids.

    Args:
        scores: (K, h, w), high is better; fastest in ``torch.channels_last``.
        size: Height H and width W of the result.
        chunk_values: Scores that exist at once.
        table: What to give for each id, (K,); by default the id.

    Returns:
        (H, W), int64 or of the type of ``table``.

    Examples:
        >>> scores = torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]]])
        >>> ids_at_size(scores, (1, 4)).tolist()
        [[0, 0, 1, 1]]
    """
    if table is None:
        table = torch.arange(len(scores), device=scores.device)
    points = scores.permute(1, 2, 0)
    best = points.max(-1).indices  # twice as fast as argmax
    if best.shape == torch.Size(size):
        return table[best]
    points = points.contiguous()
    above, below, down = _source_rows(len(best), size[0], scores.device)
    left, right, across = _source_rows(best.shape[1], size[1], scores.device)
    result = table[best][above][:, left]
    # Where the four corners agree, their id is the best of all pixels between them.
    mixed = _differ(best)
    rows_at_once = max(1, chunk_values // (len(scores) * size[1]))
    for start in range(0, size[0], rows_at_once):
        part = above[start : start + rows_at_once]
        y, x = mixed[part][:, left].nonzero(as_tuple=True)
        y += start
        sides = [
            torch.lerp(
                points[rows[y], left[x]], points[rows[y], right[x]], across[x, None]
            )
            for rows in (above, below)
        ]
        result[y, x] = table[torch.lerp(*sides, down[y, None]).max(-1).indices]
    return result


def _differ(best: Tensor) -> Tensor:
    """Whether a grid point and those right of and below it differ, (h, w) bool."""
    right = torch.cat([best[:, 1:], best[:, -1:]], 1)
    below = torch.cat([best[1:], best[-1:]])
    across = torch.cat([right[1:], right[-1:]])
    return (best != right) | (best != below) | (best != across)


def ids_and_confidences(
    scores: Tensor,
    size: tuple[int, int],
    classes: Tensor,
    temperature: float | None,
    chunk_values: int = CHUNK_VALUES,
) -> tuple[Tensor, Tensor]:
    """Class of the best cluster of each pixel, and how sure the network is of it.

    The confidence is the share of the softmax of ``scores / temperature`` that falls
    to all clusters of the class that the best cluster belongs to; without a
    temperature, the share of ``scores`` themselves, which sum to 1.

    Args:
        scores: (K, h, w).
        size: Height H and width W of the result.
        classes: Class of each cluster, (K,); clusters of no class share one number.
        temperature: What scores are divided by, or None for shares.
        chunk_values: Scores that exist at once.

    Returns:
        Classes, (H, W) of the type of ``classes``, and confidences in [0, 1], (H, W)
        float16.
    """
    found = classes.new_empty(size)
    confidences = scores.new_empty(size, dtype=torch.float16)
    for rows, chunk in _row_chunks(scores, size, chunk_values):
        found[rows] = classes[chunk.argmax(0)]
        # Shares of a guided filter may lie a little below 0 or above 1.
        shares = chunk if temperature is None else chunk.div_(temperature).softmax(0)
        shares *= classes[:, None, None] == found[rows]
        confidences[rows] = shares.sum(0).clamp(0, 1)
    return found, confidences


def _row_chunks(scores: Tensor, size: tuple[int, int], chunk_values: int):
    """Some rows after the other: which, and their upsampled scores, (K, r, W)."""
    height, width = size
    if scores.shape[1:] == torch.Size(size):
        yield slice(0, height), scores.clone()
        return
    rows_at_once = max(1, chunk_values // (len(scores) * width))
    upper, lower, weight = _source_rows(scores.shape[1], height, scores.device)
    for begin in range(0, height, rows_at_once):
        part = slice(begin, begin + rows_at_once)
        rows = torch.lerp(
            scores[:, upper[part]], scores[:, lower[part]], weight[part, None]
        )
        wide = (rows.shape[1], width)
        yield part, F.interpolate(rows[None], size=wide, mode='bilinear')[0]


def _source_rows(source: int, target: int, device) -> tuple[Tensor, Tensor, Tensor]:
    """The two rows (or columns) that each new one lies between; how near the second."""
    position = (torch.arange(target, device=device) + 0.5) * (source / target) - 0.5
    position = position.clamp(min=0)
    upper = position.floor().long().clamp(max=source - 1)
    lower = (upper + 1).clamp(max=source - 1)
    return upper, lower, (position - upper).clamp(max=1)
