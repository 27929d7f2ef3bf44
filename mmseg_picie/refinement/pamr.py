"""PAMR: shares become averages over neighbors of like color, again and again."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import InputError, check_least
from .refinement import Refinement, cluster_chunks

SMOOTHING = 0.1  # of the local standard deviation, as released
LEAST_DEVIATION = 1e-8


@dataclass(frozen=True)
class PAMR(Refinement):
    """Pixel-adaptive mask refinement (Araslanov and Roth 2020, section 4.3).

    In each iteration the shares of a pixel become a weighted mean of those of its
    neighbors, 8 at each dilation. The weights are a softmax over these neighbors of
    -|difference of color| / (0.1 standard deviation), averaged over the channels. The
    standard deviation is that of the colors of pixel and neighbors, so weights do not
    depend on the contrast of the image. (The paper divides by the squared deviation;
    this is the released code, and so are the defaults.) Beyond the border the image
    goes on with its last pixel.

    Args:
        iterations: How often shares are averaged, >= 1.
        dilations: Distances of the neighbors in pixels, >= 1.
        temperature: As for :class:`Refinement`.

    Raises:
        InputError: If an option is out of range.

    Examples:
        >>> image = torch.zeros(1, 3, 1, 5)
        >>> image[..., 2:] = 1  # two dark pixels and three bright ones
        >>> scores = torch.eye(2).view(1, 2, 1, 2)  # the border in the middle of all
        >>> PAMR(dilations=(1,))(scores, image).argmax(1).tolist()
        [[[0, 0, 1, 1, 1]]]
    """

    kind: ClassVar[str] = 'pamr'

    iterations: int = 10
    dilations: tuple[int, ...] = (1, 2, 4, 8, 12, 24)

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, 'dilations', tuple(self.dilations))
        check_least('refine.iterations', self.iterations, 1)
        if not self.dilations:
            raise InputError('refine.dilations must hold a number, got none')
        check_least('refine.dilations', min(self.dilations), 1)

    def refine(self, shares: Tensor, image: Tensor) -> None:
        """As :meth:`Refinement.refine`."""
        weights = self.weights(image)
        for chunk in cluster_chunks(shares):
            for _ in range(self.iterations):
                mean = torch.zeros_like(chunk)
                neighbors = self._neighbors(chunk)
                for weight, neighbor in zip(weights, neighbors, strict=True):
                    mean.addcmul_(weight, neighbor)
                chunk.copy_(mean)

    def weights(self, image: Tensor) -> Tensor:
        """How much each neighbor counts: (3, H, W) -> (P, H, W), over P they sum to 1.

        P is 8 times the number of dilations.
        """
        deviation = self._deviation(image)
        scale = (SMOOTHING * deviation).add_(LEAST_DEVIATION).reciprocal_()
        distances = [
            ((neighbor - image).abs_() * scale).mean(0)
            for neighbor in self._neighbors(image)
        ]
        return torch.stack(distances).neg_().softmax(0)

    def _deviation(self, image: Tensor) -> Tensor:
        """Standard deviation of a pixel and its neighbors, (3, H, W)."""
        # The 3x3 window of each dilation holds the pixel itself.
        count = 9 * len(self.dilations)
        mean = len(self.dilations) * image
        for neighbor in self._neighbors(image):
            mean += neighbor
        mean /= count
        squares = len(self.dilations) * (image - mean).square()
        for neighbor in self._neighbors(image):
            squares += (neighbor - mean).square()
        return (squares / (count - 1)).sqrt()

    def _neighbors(self, maps: Tensor) -> Iterator[Tensor]:
        """The maps as each of the neighbors has them, (C, H, W) each."""
        reach = max(self.dilations)
        height, width = maps.shape[1:]
        padded = F.pad(maps[None], (reach,) * 4, mode='replicate')[0]
        for dilation in self.dilations:
            steps = (-dilation, 0, dilation)
            for y, x in ((y, x) for y in steps for x in steps if y or x):
                top, left = reach + y, reach + x
                yield padded[:, top : top + height, left : left + width]
