"""Classes of points by the vote of their nearest labeled points."""

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import InputError, check_least

NEIGHBORS = 20
BLOCK = 1 << 24  # similarities that exist at once, 64 MB of float32
ROWS = 512  # points whose similarities are computed together


class NearestVotes:
    """Votes of the k nearest points of a bank, by cosine; each neighbor has one vote.

    The bank is compared in blocks, so that beside it memory does not grow with its
    points; a copy of it is kept as unit vectors. It equals scikit-learn's
    ``KNeighborsClassifier(k, metric='cosine')`` where no two
    similarities are equal.

    Args:
        bank: Labeled points, (M, D); need not be unit vectors. On any device.
        classes: Their classes in [0, C), (M,).
        num_classes: C.
        neighbors: k, from 1 to M.
        block: Similarities that exist at once.

    Raises:
        InputError: If there are fewer points than neighbors.

    Examples:
        >>> bank = torch.tensor([[1.0, 0.0], [1.0, 0.1], [0.0, 1.0]])
        >>> votes = NearestVotes(bank, torch.tensor([1, 1, 0]), 2, neighbors=2)
        >>> votes.shares(torch.tensor([[2.0, 0.0]]))
        tensor([[0., 1.]])
    """

    def __init__(
        self,
        bank: Tensor,
        classes: Tensor,
        num_classes: int,
        neighbors: int = NEIGHBORS,
        block: int = BLOCK,
    ) -> None:
        check_least('neighbors', neighbors, 1)
        if len(bank) < neighbors:
            raise InputError(
                f'{neighbors} neighbors need a bank of at least as many labeled '
                f'points, got {len(bank)}: ask for fewer neighbors or label more images'
            )
        self.bank = F.normalize(bank.float(), dim=1)
        self.classes = classes.to(bank.device).long()
        self.num_classes = num_classes
        self.neighbors = neighbors
        self._columns = max(neighbors, block // ROWS)

    def shares(self, points: Tensor) -> Tensor:
        """Share of the votes that each class gets, (P, D) -> (P, C) float32."""
        parts = [self._votes(rows) for rows in points.split(ROWS)]
        if not parts:
            return points.new_zeros(0, self.num_classes)
        return torch.cat(parts) / self.neighbors

    def _votes(self, points: Tensor) -> Tensor:
        points = F.normalize(points.float(), dim=1)
        best, owners = points.new_empty(len(points), 0), None
        for start in range(0, len(self.bank), self._columns):
            block = slice(start, start + self._columns)
            similar = points @ self.bank[block].T
            count = min(self.neighbors, similar.shape[1])
            values, places = similar.topk(count, dim=1)
            found = self.classes[block][places]
            if owners is not None:
                found = torch.cat([owners, found], 1)
                values = torch.cat([best, values], 1)
            best, kept = values.topk(min(self.neighbors, values.shape[1]), dim=1)
            owners = found.gather(1, kept)
        votes = points.new_zeros(len(points), self.num_classes)
        return votes.scatter_add_(1, owners, torch.ones_like(best))
