"""Losses over pairs of points of pairs of images, weighted by frozen features."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...errors import InputError
from .process_means import process_mean

KINDS = ('self', 'neighbor', 'random')


@dataclass(frozen=True)
class ImagePairs:
    """Points of n pairs of images; n may be 0 on some processes.

    Attributes:
        features: Of the frozen backbone at points of the first image of each pair,
            (n, P, C), and of the second, (n, Q, C).
        codes: What is learned at the same points, (n, P, D) and (n, Q, D).
    """

    features: tuple[Tensor, Tensor]
    codes: tuple[Tensor, Tensor]


class PairLoss(nn.Module):
    """A weighted sum over three kinds of image pairs of a mean over point pairs.

    The kinds are an image with itself ('self'), with one of its nearest images
    ('neighbor') and with another image of the batch ('random'). A pair of points costs
    :meth:`cost` of F - b and its two codes. F is the cosine of the pair's features,
    which are not trained; b, the shift of the kind, is the likeness at which a pair is
    neither drawn together nor pushed apart.

    Args:
        weights: Factor of each kind, >= 0. A kind of weight 0, or without a weight, is
            not computed.
        shifts: b of each kind that has a weight.
        center: Whether F is centered over positions (:func:`centered_likeness`).

    Raises:
        InputError: If a kind is unknown, a weight is below 0 or has no shift, or none
            is above 0.
    """

    def __init__(
        self,
        weights: Mapping[str, float],
        shifts: Mapping[str, float],
        center: bool = True,
    ) -> None:
        super().__init__()
        name = type(self).__name__
        for option, values in (('weights', weights), ('shifts', shifts)):
            unknown = sorted(values.keys() - set(KINDS))
            if unknown:
                raise InputError(f'{name}.{option} has no {unknown}; it has {KINDS}')
        for kind, weight in weights.items():
            if weight < 0:
                raise InputError(f'{name}.weights.{kind} must be >= 0, got {weight}')
            if weight and kind not in shifts:
                raise InputError(f'{name}.shifts has no {kind}, which has a weight')
        if not any(weights.values()):
            raise InputError(f'{name}.weights has none above 0, got {dict(weights)}')
        self.weights = {kind: weights.get(kind, 0.0) for kind in KINDS}
        self.shifts = dict(shifts)
        self.center = center

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that are computed."""
        return tuple(kind for kind, weight in self.weights.items() if weight)

    def forward(self, pairs: Mapping[str, Sequence[ImagePairs]]) -> dict[str, Tensor]:
        """Computes the terms.

        Args:
            pairs: Lists of pairs by kind; a term is the mean over its list.

        Returns:
            ``loss_self``, ``loss_neighbor``, ``loss_random`` as far as they have
            weights. Values are those of all processes together. Gradients are this
            process's share, which DDP averages to the gradient of that value.
        """
        return {
            f'loss_{kind}': self.weights[kind]
            * sum(self._mean_cost(item, self.shifts[kind]) for item in pairs[kind])
            / len(pairs[kind])
            for kind in self.kinds
        }

    def _mean_cost(self, pairs: ImagePairs, shift: float) -> Tensor:
        # Sums over thousands of pairs need more than half precision.
        with torch.autocast(pairs.features[0].device.type, enabled=False):
            likeness = centered_likeness(*pairs.features, self.center)
            return process_mean(self.cost(likeness - shift, *pairs.codes))

    def cost(self, attraction: Tensor, first: Tensor, second: Tensor) -> Tensor:
        """What each pair of points costs, (n, P, Q).

        Args:
            attraction: F - b, (n, P, Q), without gradient.
            first: Codes of the first images, (n, P, D).
            second: Codes of the second, (n, Q, D).
        """
        raise NotImplementedError


def cosines(first: Tensor, second: Tensor) -> Tensor:
    """Cosine of each pair of points, (n, P, C) and (n, Q, C) -> (n, P, Q)."""
    return F.normalize(first, dim=2) @ F.normalize(second, dim=2).mT


@torch.no_grad()
def centered_likeness(first: Tensor, second: Tensor, center: bool = True) -> Tensor:
    """Cosines F of the features, centered over positions.

    Some points are like all others, as in a picture of one texture, and some like
    none. So the mean of a point's cosines over the second image is subtracted from
    them (STEGO, section 3.2), and the mean of all pairs is added again (its code):
    F - mean_q F + mean F.

    Args:
        first: (n, P, C).
        second: (n, Q, C).
        center: False leaves the cosines as they are.

    Returns:
        (n, P, Q), without gradient. The mean of all pairs is that of all processes,
        each of which has to call this.
    """
    likeness = cosines(first, second)
    if not center:
        return likeness
    return likeness - likeness.mean(2, keepdim=True) + process_mean(likeness)
