"""Keeps what the features know of which pixels belong together."""

import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...errors import InputError


@MODELS.register_module()
class CorrespondenceLoss(nn.Module):
    """Distils the feature correspondences of a frozen network into the embedding.

    The principle of STEGO (Hamilton et al., ICLR 2022, eq. 4): of pairs of pixels,
    those that the frozen features find alike are drawn together and the others pushed
    apart, -(F - b) max(S, 0), with F the cosine of a pair's features and S that of its
    embeddings. Half of the pairs lie within an image, half between two. Here S is
    taken across the views, so that what belongs together does so under other colors
    and after crop and flip as well, and F of the mean of both views' features.

    STEGO centers F over positions, adds pairs of neighboring images and tunes a b for
    each data set and kind of pair; none of that is here. b is the value that a share
    ``positive`` of the pairs between images exceeds: K clusters of equal size hold a
    share 1/K of all pairs, so that is the default. In a batch of one image there are no
    pairs between images: b is then of the pairs of different pixels within it, and the
    loss is the mean over the pairs within alone.

    Args:
        weight: Factor of the loss.
        num_points: Pixels drawn of each image in a step.
        positive: Share of the pairs between images that is drawn together, in (0, 1);
            None (default): one over the decode head's number of clusters.

    Raises:
        InputError: If an argument is out of range.
    """

    def __init__(
        self,
        weight: float = 1.0,
        num_points: int = 100,
        positive: float | None = None,
    ) -> None:
        super().__init__()
        if weight <= 0:
            raise InputError(f'CorrespondenceLoss.weight must be > 0, got {weight}')
        if num_points < 2:
            raise InputError(
                f'CorrespondenceLoss.num_points must be >= 2, got {num_points}'
            )
        if positive is not None and not 0 < positive < 1:
            raise InputError(
                'CorrespondenceLoss.positive must be a share in (0, 1) or None, got '
                f'{positive}'
            )
        self.weight = weight
        self.num_points = num_points
        self.positive = positive

    def forward(
        self,
        embeddings: tuple[Tensor, Tensor],
        features: tuple[Tensor, Tensor],
        valid: Tensor,
        num_clusters: int,
    ) -> Tensor:
        """Draws pixels (the same of both views) and averages over their pairs.

        Args:
            embeddings: Of both views in one frame, (N, D, h, w), unit length.
            features: The same of the frozen network, constant.
            valid: Cells that count, (N h w,) bool.
            num_clusters: K, for ``positive``.

        Returns:
            (), the mean over this process's pairs. With DDP the gradient is the mean
            over processes, each of pairs of its own; one without samples counts as 0.
        """
        # Half precision would not do for the threshold and the sums.
        with torch.autocast(embeddings[0].device.type, enabled=False):
            return self._loss(embeddings, features, valid, num_clusters)

    def _loss(
        self,
        embeddings: tuple[Tensor, Tensor],
        features: tuple[Tensor, Tensor],
        valid: Tensor,
        num_clusters: int,
    ) -> Tensor:
        num_images, _, height, width = embeddings[0].shape
        # Drawn on the CPU, whose generator is set in every round.
        cells = torch.randint(height * width, (num_images, self.num_points))
        cells = cells.to(embeddings[0].device)
        shift = int(torch.randint(1, max(num_images, 2), ()))
        counts = valid.view(num_images, -1).gather(1, cells).to(embeddings[0].dtype)
        first, second = (_at(maps, cells) for maps in embeddings)
        known = F.normalize(sum(_at(maps, cells) for maps in features), dim=2)

        positive = self.positive or 1 / num_clusters
        within = known @ known.mT
        within_pairs = counts[:, :, None] * counts[:, None]
        if num_images == 1:  # there is no other image
            apart = within_pairs * (cells[:, :, None] != cells[:, None])
            threshold = torch.quantile(_some(within, apart), 1 - positive)
            similarity = _similarity(first, second)
            return -self.weight * _mean((within - threshold) * similarity, within_pairs)

        other = [torch.roll(t, shift, 0) for t in (second, known, counts)]
        between = known @ other[1].mT
        pairs = counts[:, :, None] * other[2][:, None]
        threshold = torch.quantile(_some(between, pairs), 1 - positive)
        loss = _mean((between - threshold) * _similarity(first, other[0]), pairs)
        similarity = _similarity(first, second)
        loss = loss + _mean((within - threshold) * similarity, within_pairs)
        return -self.weight * loss / 2


def _at(maps: Tensor, cells: Tensor) -> Tensor:
    """Vectors at cells, (N, D, h, w) and (N, P) -> (N, P, D)."""
    points = maps.flatten(2)
    return points.gather(2, cells[:, None].expand(-1, maps.shape[1], -1)).mT


def _similarity(first: Tensor, second: Tensor) -> Tensor:
    # Below 0 nothing is gained by pushing further (STEGO, section 3.2).
    return (first @ second.mT).clamp(min=0)


def _mean(values: Tensor, pairs: Tensor) -> Tensor:
    return (values * pairs).sum() / pairs.sum().clamp(min=1)


def _some(values: Tensor, pairs: Tensor) -> Tensor:
    """Values of pairs that count; a part of them, since a quantile sorts."""
    kept = values[pairs > 0]
    if not len(kept):
        return values.new_zeros(1)
    return kept[:: -(-len(kept) // 20_000)]
