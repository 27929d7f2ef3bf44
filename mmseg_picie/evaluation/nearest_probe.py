"""Dense k-NN: the class of a pixel by its nearest labeled training pixels."""

from collections.abc import Iterable, Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from ..clustering import PointSample
from ..datasets import IGNORE
from ..errors import InputError
from ..models import to_points
from ..scores import NEIGHBORS, NearestVotes
from .pixel_probe import LabeledEmbedding, PixelProbe

BANK = 1_000_000  # labeled points that vote


class NearestProbe(PixelProbe):
    """Votes of the nearest labeled points, scored at the resolution of the labels.

    Nothing is trained: it shows what the embedding tells of the classes as it is. Each
    point of the grid asks its k nearest points of a bank, by cosine. The shares of the
    votes are upsampled bilinearly, as the logits of a linear probe are.

    Args:
        votes: The bank.
    """

    def __init__(self, votes: NearestVotes) -> None:
        super().__init__(votes.num_classes)
        self.votes = votes

    @property
    def device(self) -> torch.device:
        """That of the bank."""
        return self.votes.bank.device

    def forward(self, embedding: Tensor, size: Sequence[int]) -> Tensor:
        """Shares of the votes at ``size``, (N, D, h, w) -> (N, C, H, W)."""
        number, _, height, width = embedding.shape
        shares = self.votes.shares(to_points(embedding))
        maps = shares.reshape(number, height, width, -1).permute(0, 3, 1, 2)
        return F.interpolate(maps, tuple(size), mode='bilinear', align_corners=False)


def fill_bank(
    batches: Iterable[Sequence[LabeledEmbedding]],
    num_classes: int,
    bank_size: int = BANK,
    neighbors: int = NEIGHBORS,
    seed: int = 0,
    device: torch.device | str = 'cpu',
) -> NearestProbe:
    """A probe of labeled training images.

    A point of the grid has the label at its center. Of all points with a label each
    has the same chance to be in the bank.

    Args:
        batches: Each training image once: embedding (D, h, w), labels (H, W).
        num_classes: C.
        bank_size: Points to draw; all where there are fewer.
        neighbors: Points that vote.
        seed: Of the draw.
        device: Where the bank lies and is compared.

    Raises:
        InputError: If a label is neither a class nor 255, or fewer points have a label
            than vote.
    """
    sample = PointSample(bank_size, seed)
    for images in batches:
        for embedding, labels in images:
            classes = labels_on_grid(labels, embedding.shape[1:])
            _check_classes(classes, num_classes)
            points = to_points(embedding[None].cpu())
            # The class is carried along as one more number, exact in float32.
            rows = torch.cat([points.float(), classes[:, None].float()], 1)
            sample.add(rows[classes != IGNORE])
    if sample.seen < neighbors:
        raise InputError(
            f'{sample.seen} points of the training images have a class, fewer than the '
            f'{neighbors} neighbors that vote: label more images'
        )
    drawn = sample.points.to(device)
    votes = NearestVotes(drawn[:, :-1], drawn[:, -1].long(), num_classes, neighbors)
    return NearestProbe(votes)


def labels_on_grid(labels: Tensor, size: Sequence[int]) -> Tensor:
    """The label at the center of each point of a grid, (H, W) -> (h * w,) int64."""
    maps = labels[None, None].float().cpu()
    return F.interpolate(maps, tuple(size), mode='nearest-exact').flatten().long()


def _check_classes(classes: Tensor, num_classes: int) -> None:
    wrong = classes[(classes != IGNORE) & (classes >= num_classes)]
    if len(wrong):
        raise InputError(
            f'labels must lie in [0, {num_classes}) or be {IGNORE}, got '
            f'{int(wrong.max())}'
        )
