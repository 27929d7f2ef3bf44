"""Nearest points of other images, in one pass over them."""

import heapq
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import InputError, check_least


class Neighbor(NamedTuple):
    """The best point of one image: its cosine, the image's index, its own index."""

    similarity: float
    image: int
    point: int


class NearestPoints:
    """The ``top`` images with the points nearest to a query by cosine.

    Of each image only its best point counts, so that neighbors come from different
    images. What is kept is ``top`` triples, whatever the number of images. Ties go to
    the lower image, and within one to the lower point, so that the order in which
    images come does not matter.

    Args:
        query: (D,).
        top: Images to keep, >= 1.

    Raises:
        InputError: If ``top`` < 1, or the query is zero and so has no direction.

    Examples:
        >>> search = NearestPoints(torch.tensor([1.0, 0.0]), top=1)
        >>> search.add(0, torch.tensor([[0.0, 1.0]]))
        >>> search.add(1, torch.tensor([[0.0, 1.0], [3.0, 0.0]]))
        >>> search.result()
        [Neighbor(similarity=1.0, image=1, point=1)]
    """

    def __init__(self, query: Tensor, top: int) -> None:
        check_least('top', top, 1)
        if not query.any():
            raise InputError('query must have a direction, got the zero vector')
        self.query = F.normalize(query.float(), dim=0)
        self.top = top
        # (similarity, -image, -point): the smallest is the one to go.
        self._heap: list[tuple[float, int, int]] = []

    def similarities(self, points: Tensor) -> Tensor:
        """Cosine of each point with the query, (M, D) -> (M,) float32."""
        return F.normalize(points.float(), dim=1) @ self.query

    def add(self, image: int, points: Tensor, valid: Tensor | None = None) -> None:
        """Takes one image into account.

        Args:
            image: Its index, used once.
            points: (M, D).
            valid: Points that count, (M,) bool; None for all.
        """
        similarities = self.similarities(points)
        if valid is not None:
            similarities = similarities.masked_fill(~valid, -torch.inf)
        # Of equals, argmax may take any.
        best = similarities.max() if len(similarities) else -torch.inf
        if best == -torch.inf:
            return
        point = int((similarities == best).nonzero()[0])
        heapq.heappush(self._heap, (float(best), -image, -point))
        if len(self._heap) > self.top:
            heapq.heappop(self._heap)

    def result(self) -> list[Neighbor]:
        """The nearest first; fewer than ``top`` if there were fewer images."""
        return [
            Neighbor(similarity, -image, -point)
            for similarity, image, point in sorted(self._heap, reverse=True)
        ]
