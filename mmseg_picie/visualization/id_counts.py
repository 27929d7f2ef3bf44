"""How many pixels have which id, in little memory."""

import numpy as np

ROWS = 256  # that are counted at once


def count_ids(ids: np.ndarray) -> dict[int, int]:
    """Number of pixels of each id that occurs, ids ascending.

    Args:
        ids: (H, W) of integers, none negative.

    Examples:
        >>> count_ids(np.array([[4, 0], [4, 4]], np.uint8))
        {0: 1, 4: 3}
    """
    counts = np.zeros(0, np.int64)
    for start in range(0, len(ids), ROWS):
        found = np.bincount(ids[start : start + ROWS].ravel(), minlength=len(counts))
        found[: len(counts)] += counts
        counts = found
    return {int(index): int(counts[index]) for index in np.flatnonzero(counts)}
