"""Masks of ids as COCO's run-length encoding, all classes in one pass."""

from collections.abc import Iterator

import numpy as np


def class_runs(ids: np.ndarray) -> Iterator[tuple[int, list[int]]]:
    """Run lengths of each id that occurs, as COCO counts them.

    The pixels are taken column by column; the lengths are of pixels that have another
    id, that have this one, that have another, and so on.

    Args:
        ids: (H, W) of integers.

    Yields:
        Id, ascending, and its counts, which add up to H * W.

    Examples:
        >>> list(class_runs(np.array([[7, 7], [7, 2]])))
        [(2, [3, 1]), (7, [0, 3, 1])]
    """
    flat = ids.ravel(order='F')
    ends = np.append(np.flatnonzero(flat[1:] != flat[:-1]) + 1, len(flat))
    starts = np.append(0, ends[:-1])
    values = flat[starts]
    order = np.argsort(values, kind='stable')
    found, first = np.unique(values[order], return_index=True)
    for value, runs in zip(found, np.split(order, first[1:])):
        bounds = np.stack([starts[runs], ends[runs]], 1).ravel()
        counts = np.diff(bounds, prepend=0).tolist()
        rest = len(flat) - int(bounds[-1])
        yield int(value), counts + [rest] * (rest > 0)
