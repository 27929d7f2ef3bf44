"""The nearest other rows of each row, exactly, block by block."""

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import InputError, check_least


@torch.no_grad()
def nearest_rows(
    points: Tensor,
    top: int,
    block: int = 4096,
    rows: tuple[int, int] | None = None,
) -> Tensor:
    """The ``top`` other rows with the highest cosine, nearest first.

    The search compares every pair, so it is exact. It holds ``block`` x ``block``
    cosines at a time, whatever the number of rows. Of equal cosines the lower index
    comes first.

    Args:
        points: (N, D), on any device.
        top: Neighbors of each row, >= 1; a row is no neighbor of itself.
        block: Rows that are compared at a time, >= 1.
        rows: (start, end) of the rows that are asked for; by default all. Several
            processes may share the work in this way.

    Returns:
        Indices of rows, (end - start, top) int64, on the device of ``points``.

    Raises:
        InputError: If ``top`` or ``block`` < 1, or a row has fewer than ``top`` others.

    Examples:
        >>> points = torch.tensor([[1.0, 0.0], [0.0, 1.0], [2.0, 0.1]])
        >>> nearest_rows(points, top=1).tolist()
        [[2], [2], [0]]
    """
    check_least('top', top, 1)
    check_least('block', block, 1)
    if len(points) <= top:
        raise InputError(
            f'top is {top}, but a row of {len(points)} has only {len(points) - 1} '
            'others: lower top, or give more rows'
        )
    units = F.normalize(points.float(), dim=1)
    start, end = rows or (0, len(points))
    found = [
        _nearest(units, first, min(first + block, end), top, block)
        for first in range(start, end, block)
    ]
    return torch.cat(found) if found else units.new_zeros(0, top, dtype=torch.int64)


def _nearest(units: Tensor, first: int, last: int, top: int, block: int) -> Tensor:
    """Those of the rows from ``first`` to ``last``."""
    asked = units[first:last]
    own = torch.arange(first, last, device=units.device)[:, None]
    best = asked.new_zeros(len(asked), 0)
    found = own.new_zeros(len(asked), 0)
    for start in range(0, len(units), block):
        cosines = asked @ units[start : start + block].T
        others = torch.arange(start, start + cosines.shape[1], device=units.device)
        cosines.masked_fill_(others == own, -torch.inf)
        # Those found before have lower indices: they stay first among equals.
        best = torch.cat([best, cosines], 1)
        found = torch.cat([found, others.expand(len(asked), -1)], 1)
        best, kept = _first_of_highest(best, min(top, best.shape[1]))
        found = found.gather(1, kept)
    return found


def _first_of_highest(values: Tensor, count: int) -> tuple[Tensor, Tensor]:
    """The highest values of each row and their columns; of equals, the first ones."""
    highest, columns = values.topk(count, dim=1)
    # topk takes any of equals. Sorting is slow: only rows that have some need it.
    lowest = highest[:, -1:]
    tied = (values >= lowest).sum(1) > count
    tied |= (highest[:, 1:] == highest[:, :-1]).any(1)
    if bool(tied.any()):
        order = values[tied].sort(dim=1, descending=True, stable=True)
        highest[tied] = order.values[:, :count]
        columns[tied] = order.indices[:, :count]
    return highest, columns
