"""What every refinement does: scores become shares, and shares follow the image."""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import InputError

CHUNK_VALUES = 1_000_000  # shares that are refined at once; they stay near the core


@dataclass(frozen=True)
class Refinement:
    """Makes the borders of predicted clusters follow the edges of the image.

    Scores are brought to the size of the image, and a softmax makes shares of them
    that sum to 1 in each pixel. A subclass says in :meth:`refine` how shares follow
    the image; they still sum to 1. Nothing is learned and no label is read.

    Args:
        temperature: What scores are divided by before the softmax. Small values make
            sure pixels of all; at large ones all clusters have nearly the same share.

    Raises:
        InputError: If ``temperature`` is not positive.
    """

    kind: ClassVar[str]  # what a user calls it

    temperature: float = 0.1

    def __post_init__(self) -> None:
        if not self.temperature > 0:
            raise InputError(f'refine.temperature must be > 0, got {self.temperature}')

    def __str__(self) -> str:
        """Name and options, as tables and manifests state them."""
        options = (f'{f.name}={getattr(self, f.name)}' for f in fields(self))
        return f'{self.kind}({", ".join(options)})'

    @torch.no_grad()
    def __call__(self, scores: Tensor, images: Tensor) -> Tensor:
        """Shares of the clusters, refined; one image after the other.

        Args:
            scores: (N, K, h, w), on any grid.
            images: (N, 3, H, W), values in [0, 1], in any order of the channels.

        Returns:
            (N, K, H, W), dtype of the scores; over K they sum to 1.

        Raises:
            InputError: If the numbers of images differ.
        """
        if len(scores) != len(images):
            raise InputError(
                f'{len(scores)} maps of scores came with {len(images)} images'
            )
        result = scores.new_empty(*scores.shape[:2], *images.shape[2:])
        for shares, own, image in zip(result, scores, images, strict=True):
            self._fill(shares, own, image.to(scores))
        return result

    def refine(self, shares: Tensor, image: Tensor) -> None:
        """Refines the shares of one image in place.

        Args:
            shares: (K, H, W).
            image: (3, H, W), same dtype.
        """
        raise NotImplementedError

    def _fill(self, shares: Tensor, scores: Tensor, image: Tensor) -> None:
        if scores.shape != shares.shape:
            size = shares.shape[1:]
            scores = F.interpolate(
                scores[None], size=size, mode='bilinear', align_corners=False
            )[0]
        torch.softmax(scores / self.temperature, 0, out=shares)
        self.refine(shares, image)


def cluster_chunks(
    shares: Tensor, chunk_values: int = CHUNK_VALUES
) -> Iterator[Tensor]:
    """Some clusters after the other, so that copies of all never exist at once.

    Args:
        shares: (K, H, W).
        chunk_values: Values of a chunk at most; one cluster is the least.

    Yields:
        Views of ``shares``, (k, H, W).
    """
    yield from shares.split(max(1, chunk_values // shares[0].numel()))
