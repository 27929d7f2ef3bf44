"""From scores on a small grid to ids at an image's size, in bounded memory."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import torch
from torch import Tensor

CHUNK_VALUES = 1_000_000  # scores that exist at once: 4 MB, which stay in the cache

Size = tuple[int, int]


class SeenSize(NamedTuple):
    """What the network saw of an image.

    Attributes:
        padded: Height and width of the network's input.
        image: Height and width of the image in it, at the upper left.
    """

    padded: Size
    image: Size


def ids_at_size(
    scores: Tensor,
    size: Size,
    seen: SeenSize | None = None,
    chunk_values: int = CHUNK_VALUES,
    table: Tensor | None = None,
) -> Tensor:
    """The best id of each pixel after bilinear upsampling, in bounded memory.

    The result is that of ``F.interpolate(..., mode='bilinear').argmax(0)``. The scores
    of 100 clusters on a photo of 24 megapixels would take 9 GB; here they exist only
    of some rows at once.

    Args:
        scores: (K, h, w), high is better; fastest in ``torch.channels_last``.
        size: Height H and width W of the result.
        seen: As mmseg does it: scores are brought to the size of the network's input
            first, its padding is cut off, and what is left is brought to ``size``. By
            default they are brought to ``size`` at once.
        chunk_values: Scores that exist at once, or those of one row.
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
    found = table.new_empty(size)
    for rows, chunk in _score_rows(scores, size, seen, chunk_values):
        found[rows] = table[chunk.max(-1).indices]  # twice as fast as argmax
    return found


def ids_and_confidences(
    scores: Tensor,
    size: Size,
    classes: Tensor,
    temperature: float | None,
    seen: SeenSize | None = None,
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
        seen: As for :func:`ids_at_size`.
        chunk_values: Likewise.

    Returns:
        Classes, (H, W) of the type of ``classes``, and confidences in [0, 1], (H, W)
        float16.
    """
    found = classes.new_empty(size)
    confidences = scores.new_empty(size, dtype=torch.float16)
    for rows, chunk in _score_rows(scores, size, seen, chunk_values):
        found[rows] = classes[chunk.max(-1).indices]
        # Shares of a guided filter may lie a little below 0 or above 1.
        shares = chunk if temperature is None else (chunk / temperature).softmax(-1)
        shares *= classes == found[rows][..., None]
        confidences[rows] = shares.sum(-1).clamp(0, 1)
    return found, confidences


def _score_rows(
    scores: Tensor, size: Size, seen: SeenSize | None, chunk_values: int
) -> Iterator[tuple[slice, Tensor]]:
    """Some rows after the other: which, and their upsampled scores, (r, W, K).

    Bilinear upsampling is one matrix for the columns and one for the rows, also where
    it takes two steps. So the scores of the step between never exist.
    """
    points = scores.permute(1, 2, 0).contiguous()
    down = _steps(0, points.shape[0], size, seen).to(points)
    across = _steps(1, points.shape[1], size, seen).to(points)
    first, last = _spans(down)
    rows_at_once = max(1, chunk_values // (size[1] * len(scores)))
    begin, wide = 0, points.new_empty(0, size[1], len(scores))  # rows from `begin` on
    for start in range(0, size[0], rows_at_once):
        part = slice(start, min(start + rows_at_once, size[0]))
        needed = slice(first[part.start], last[part.stop - 1] + 1)
        fresh = slice(max(begin + len(wide), needed.start), needed.stop)
        wide = torch.cat([wide[needed.start - begin :], across @ points[fresh]])
        begin = needed.start
        weights = down[part, needed]
        rows = weights @ wide[: weights.shape[1]].flatten(1)
        yield part, rows.view(-1, size[1], len(scores))


def _steps(axis: int, source: int, size: Size, seen: SeenSize | None) -> Tensor:
    """Rows (axis 0) or columns (axis 1) of a grid to those of an image, (target, s)."""
    if seen is None:
        return _bilinear(source, size[axis])
    padded, image = seen.padded[axis], seen.image[axis]
    return _bilinear(image, size[axis]) @ _bilinear(source, padded)[:image]


@lru_cache(maxsize=16)  # most images of a folder have one size
def _bilinear(source: int, target: int) -> Tensor:
    """Weights of the old rows in each new one, (target, source) float64."""
    places = (torch.arange(target, dtype=torch.float64) + 0.5) * source / target - 0.5
    places = places.clamp(0, source - 1)
    return (1 - (places[:, None] - torch.arange(source)).abs()).clamp(min=0)


def _spans(weights: Tensor) -> tuple[list[int], list[int]]:
    """First and last of the old rows that each new one is made of."""
    used = (weights > 0).byte()
    last = used.shape[1] - 1 - used.flip(1).argmax(1)
    return used.argmax(1).tolist(), last.tolist()
