"""A random sample of a stream of points, in bounded memory."""

import torch
from torch import Tensor

from ..errors import check_least


class PointSample:
    """Keeps some points of a stream, each with the same probability.

    Each point draws a number; the points of the lowest numbers stay.

    Args:
        capacity: Points to keep, >= 1.
        seed: Of the draws.

    Attributes:
        seen: Points so far.

    Raises:
        InputError: If ``capacity`` < 1.

    Examples:
        >>> sample = PointSample(2, seed=0)
        >>> for _ in range(5):
        ...     sample.add(torch.ones(3, 1))
        >>> sample.seen, sample.points.shape
        (15, torch.Size([2, 1]))
    """

    def __init__(self, capacity: int, seed: int) -> None:
        check_least('capacity', capacity, 1)
        self.capacity = capacity
        self.seen = 0
        self._generator = torch.Generator().manual_seed(seed)
        self._points: list[Tensor] = []
        self._draws: list[Tensor] = []
        self._held = 0

    @property
    def points(self) -> Tensor:
        """What was kept, (M, D) with M <= capacity; in the order it came.

        Raises:
            RuntimeError: Before any call of :meth:`add`.
        """
        if not self._points:
            raise RuntimeError('PointSample has no points yet: call add(points) first')
        self._shrink()
        return self._points[0]

    def add(self, points: Tensor) -> None:
        """Takes points of the stream, (m, D); m may be 0."""
        draws = torch.rand(len(points), generator=self._generator, dtype=torch.float64)
        self._points.append(points)
        self._draws.append(draws)
        self.seen += len(points)
        self._held += len(points)
        if self._held > 2 * self.capacity:
            self._shrink()

    def _shrink(self) -> None:
        points, draws = torch.cat(self._points), torch.cat(self._draws)
        if len(points) > self.capacity:
            kept = draws.topk(self.capacity, largest=False).indices.sort().values
            points, draws = points[kept.to(points.device)], draws[kept]
        self._points, self._draws, self._held = [points], [draws], len(points)
