"""From scores on a small grid to ids at an image's size, in bounded memory."""

import torch
import torch.nn.functional as F
from torch import Tensor

CHUNK_VALUES = 16_000_000  # scores that exist at once, 64 MB of float32


def ids_at_size(
    scores: Tensor,
    size: tuple[int, int],
    chunk_values: int = CHUNK_VALUES,
    table: Tensor | None = None,
) -> Tensor:
    """The best id of each pixel after bilinear upsampling, a few rows at a time.

    The result is that of ``F.interpolate(..., mode='bilinear').argmax(0)``. The scores
    of 100 clusters on a photo of 24 megapixels would take 9 GB; here only some rows of
    them exist at once.

    Args:
        scores: (K, h, w), high is better.
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
    result = table.new_empty(size)
    for rows, chunk in _row_chunks(scores, size, chunk_values):
        result[rows] = table[chunk.argmax(0)]
    return result


def ids_and_confidences(
    scores: Tensor,
    size: tuple[int, int],
    classes: Tensor,
    temperature: float,
    chunk_values: int = CHUNK_VALUES,
) -> tuple[Tensor, Tensor]:
    """Class of the best cluster of each pixel, and how sure the network is of it.

    The confidence is the share of the softmax of ``scores / temperature`` that falls
    to all clusters of the class that the best cluster belongs to.

    Args:
        scores: (K, h, w).
        size: Height H and width W of the result.
        classes: Class of each cluster, (K,); clusters of no class share one number.
        temperature: What scores are divided by.
        chunk_values: Scores that exist at once.

    Returns:
        Classes, (H, W) of the type of ``classes``, and confidences in [0, 1], (H, W)
        float16.
    """
    found = classes.new_empty(size)
    confidences = scores.new_empty(size, dtype=torch.float16)
    for rows, chunk in _row_chunks(scores, size, chunk_values):
        found[rows] = classes[chunk.argmax(0)]
        shares = chunk.div_(temperature).softmax(0)
        shares *= classes[:, None, None] == found[rows]
        confidences[rows] = shares.sum(0)
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
    """The two rows that each upsampled row lies between, and how near the second."""
    position = (torch.arange(target, device=device) + 0.5) * (source / target) - 0.5
    position = position.clamp(min=0)
    upper = position.floor().long().clamp(max=source - 1)
    lower = (upper + 1).clamp(max=source - 1)
    return upper, lower, (position - upper).clamp(max=1)
