"""From scores on a small grid to ids at an image's size, in bounded memory."""

import torch
import torch.nn.functional as F
from torch import Tensor

CHUNK_VALUES = 16_000_000  # scores that exist at once, 64 MB of float32


def ids_at_size(
    scores: Tensor, size: tuple[int, int], chunk_values: int = CHUNK_VALUES
) -> Tensor:
    """The best id of each pixel after bilinear upsampling, a few rows at a time.

    The result is that of ``F.interpolate(..., mode='bilinear').argmax(0)``. The scores
    of 100 clusters on a photo of 24 megapixels would take 9 GB; here only some rows of
    them exist at once.

    Args:
        scores: (K, h, w), high is better.
        size: Height H and width W of the result.
        chunk_values: Scores that exist at once.

    Returns:
        (H, W) int64.

    Examples:
        >>> scores = torch.tensor([[[1.0, 0.0]], [[0.0, 1.0]]])
        >>> ids_at_size(scores, (1, 4)).tolist()
        [[0, 0, 1, 1]]
    """
    chunks = _row_chunks(scores, size, chunk_values)
    return torch.cat([rows.argmax(0) for rows in chunks])


def ids_and_confidences(
    scores: Tensor,
    size: tuple[int, int],
    classes: Tensor,
    temperature: float,
    chunk_values: int = CHUNK_VALUES,
) -> tuple[Tensor, Tensor]:
    """As :func:`ids_at_size`, and how sure the network is of each pixel's class.

    The confidence is the share of the softmax of ``scores / temperature`` that falls
    to all clusters of the class that the best cluster belongs to.

    Args:
        scores: (K, h, w).
        size: Height H and width W of the result.
        classes: Class of each cluster, (K,); clusters of no class share one number.
        temperature: What scores are divided by.
        chunk_values: Scores that exist at once.

    Returns:
        Cluster ids, (H, W) int64, and confidences in [0, 1], (H, W) float32.
    """
    found = []
    for rows in _row_chunks(scores, size, chunk_values):
        ids = rows.argmax(0)
        shares = (rows / temperature).softmax(0)
        same = classes[:, None, None] == classes[ids]
        found.append((ids, (shares * same).sum(0)))
    ids, shares = zip(*found, strict=True)
    return torch.cat(ids), torch.cat(shares)


def _row_chunks(scores: Tensor, size: tuple[int, int], chunk_values: int):
    """Upsampled scores of some rows after the other, (K, r, W) each."""
    height, width = size
    if scores.shape[1:] == torch.Size(size):
        yield scores
        return
    rows_at_once = max(1, chunk_values // (len(scores) * width))
    upper, lower, weight = _source_rows(scores.shape[1], height, scores.device)
    for begin in range(0, height, rows_at_once):
        part = slice(begin, begin + rows_at_once)
        rows = torch.lerp(
            scores[:, upper[part]], scores[:, lower[part]], weight[part, None]
        )
        yield F.interpolate(
            rows[None],
            size=(rows.shape[1], width),
            mode='bilinear',
            align_corners=False,
        )[0]


def _source_rows(source: int, target: int, device) -> tuple[Tensor, Tensor, Tensor]:
    """The two rows that each upsampled row lies between, and how near the second."""
    position = (torch.arange(target, device=device) + 0.5) * (source / target) - 0.5
    position = position.clamp(min=0)
    upper = position.floor().long().clamp(max=source - 1)
    lower = (upper + 1).clamp(max=source - 1)
    return upper, lower, (position - upper).clamp(max=1)
