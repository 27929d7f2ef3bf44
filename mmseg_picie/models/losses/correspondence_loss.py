"""Loss that keeps together the pixels whose features of the frozen copy are alike."""

import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...errors import InputError, check_least
from ..points import at_cells


@MODELS.register_module()
class CorrespondenceLoss(nn.Module):
    """Distills the feature correspondences of the frozen copy into the embedding.

    The principle is STEGO's (Hamilton et al., ICLR 2022, eq. 4). A pair of pixels
    costs -(F - b) max(S, 0): F is the cosine of the pair's features, S the cosine of
    its embeddings. Pairs with F above b are drawn together, the others pushed apart.
    S is taken between the two views, so pixels that belong together also do so under
    other colors and after crop, flip and turn. F is that of the mean of both views'
    features.

    The loss is half the mean over pairs within an image plus half the mean over pairs
    of two images. b is the value that a share ``positive`` of the pairs between images
    exceeds. K clusters of equal size hold a share 1/K of all pairs, so that is the
    default.

    A batch may have no pairs between images: it has one image, or all pixels of the
    others are ignored. The half of these pairs is then 0, and the pairs within an image
    keep their half. b is then the value that a share ``positive`` of the pairs of
    different pixels exceeds. Pairs of a pixel with itself do not count for b: their F
    is 1 in every image and says nothing about other pixels.

    STEGO also centers F over positions, adds pairs of neighboring images and tunes a b
    for each data set and kind of pair. This loss does none of that.

    Args:
        weight: Factor of the loss.
        num_points: Pixels drawn of each image in a step.
        positive: Share of the pairs between images (of the pairs of different pixels,
            where a batch has none) that is drawn together, in (0, 1). None (default)
            is one over the decode head's number of clusters.

    Raises:
        InputError: If an argument is out of range.
    """

    # What a console says when a loss is below 0.
    below_zero = (
        'the correspondence loss is minus the likeness of pixels that belong together, '
        'so it falls below 0 as they come closer'
    )

    def __init__(
        self,
        weight: float = 1.0,
        num_points: int = 100,
        positive: float | None = None,
    ) -> None:
        super().__init__()
        if weight <= 0:
            raise InputError(f'CorrespondenceLoss.weight must be > 0, got {weight}')
        check_least('CorrespondenceLoss.num_points', num_points, 2)
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
        """Draws pixels, the same in both views, and averages over their pairs.

        Args:
            embeddings: Maps of both views in one frame, (N, D, h, w), unit length.
            features: The same maps by the frozen copy, without gradient.
            valid: Cells that count, (N h w,) bool.
            num_clusters: K, for ``positive``.

        Returns:
            (), from this process's pairs. With DDP each process has pairs of its own,
            and the gradient is the mean over processes. A process without samples
            counts as 0.
        """
        # The threshold and the sums need more than half precision.
        with torch.autocast(embeddings[0].device.type, enabled=False):
            num_images, _, height, width = embeddings[0].shape
            # The CPU's generator draws them, because it is set in every round.
            cells = torch.randint(height * width, (num_images, self.num_points))
            cells = cells.to(embeddings[0].device)
            shift = int(torch.randint(1, max(num_images, 2), ()))
            counts = valid.view(num_images, -1).gather(1, cells).to(embeddings[0].dtype)
            first, second = (at_cells(maps, cells) for maps in embeddings)
            known = F.normalize(sum(at_cells(maps, cells) for maps in features), dim=2)
            share_below = 1 - (self.positive or 1 / num_clusters)

            within = known @ known.mT
            pairs_within = counts[:, :, None] * counts[:, None]
            other = [torch.roll(t, shift, 0) for t in (second, known, counts)]
            pairs = counts[:, :, None] * other[2][:, None]
            if num_images > 1 and bool(pairs.any()):
                between = known @ other[1].mT
                threshold = torch.quantile(_some(between, pairs), share_below)
                loss = _mean(
                    (between - threshold) * _similarity(first, other[0]), pairs
                )
            else:
                different = cells[:, :, None] != cells[:, None]
                threshold = torch.quantile(
                    _some(within, pairs_within * different), share_below
                )
                loss = 0.0

            loss = loss + _mean(
                (within - threshold) * _similarity(first, second), pairs_within
            )
            return -self.weight * loss / 2


def _similarity(first: Tensor, second: Tensor) -> Tensor:
    # A pair whose cosine is below 0 is not pushed further apart (STEGO, section 3.2).
    return (first @ second.mT).clamp(min=0)


def _mean(values: Tensor, pairs: Tensor) -> Tensor:
    return (values * pairs).sum() / pairs.sum().clamp(min=1)


def _some(values: Tensor, pairs: Tensor) -> Tensor:
    """At most 20,000 values of pairs that count, because a quantile sorts them."""
    kept = values[pairs > 0]
    if not len(kept):
        return values.new_zeros(1)
    return kept[:: -(-len(kept) // 20_000)]
