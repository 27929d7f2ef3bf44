"""The guided filter: shares as a local linear function of the image."""

from dataclasses import dataclass
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor

from ..errors import InputError, check_choice, check_least
from .refinement import Refinement, cluster_chunks

GUIDES = ('color', 'gray')


@dataclass(frozen=True)
class GuidedFilter(Refinement):
    """Guided filter of the shares (He, Sun and Tang 2010, eqs. 5, 6, 8 and 19 to 21).

    In each window of (2 radius + 1)^2 pixels the shares are fitted by a linear
    function of the colors, with a penalty on its slope; a pixel gets the mean of what
    the windows around it say. All of it are means over boxes, so that the time does
    not depend on the radius. Windows end at the border of the image.

    Args:
        radius: Of the windows in pixels, >= 1.
        epsilon: Penalty on the slope. Edges whose colors differ by less than about
            its root, on a scale from 0 to 1, are not followed.
        guide: What shares follow: 'color' (default; three channels) or 'gray' (their
            mean; faster, and blind to edges between colors of one brightness).
        temperature: As for :class:`Refinement`.

    Raises:
        InputError: If an option is unknown or out of range.

    Examples:
        >>> image = torch.zeros(1, 3, 1, 5)
        >>> image[..., 2:] = 1  # two dark pixels and three bright ones
        >>> scores = torch.eye(2).view(1, 2, 1, 2)  # the border in the middle of all
        >>> GuidedFilter(radius=2)(scores, image).argmax(1).tolist()
        [[[0, 0, 1, 1, 1]]]
    """

    kind: ClassVar[str] = 'guided'

    radius: int = 8
    epsilon: float = 1e-3
    guide: str = 'color'

    def __post_init__(self) -> None:
        super().__post_init__()
        check_least('refine.radius', self.radius, 1)
        check_choice('refine.guide', self.guide, GUIDES)
        if not self.epsilon > 0:
            raise InputError(f'refine.epsilon must be > 0, got {self.epsilon}')

    def refine(self, shares: Tensor, image: Tensor) -> None:
        """As :meth:`Refinement.refine`."""
        # In float32 the covariances of like colors would be all rounding.
        guide = image.double()
        if self.guide == 'gray':
            guide = guide.mean(0, keepdim=True)
        mean = box_mean(guide, self.radius)
        inverse = self._inverse_covariance(guide, mean)
        for chunk in cluster_chunks(shares):
            chunk.copy_(self._filter(chunk.double(), guide, mean, inverse))

    def _inverse_covariance(self, guide: Tensor, mean: Tensor) -> Tensor:
        """Inverse of each window's covariance with the penalty, (C, C, H, W)."""
        products = box_mean(guide[:, None] * guide, self.radius)
        covariance = (products - mean[:, None] * mean).permute(2, 3, 0, 1)
        penalty = self.epsilon * torch.eye(len(guide)).to(guide)
        return torch.linalg.inv(covariance + penalty).permute(2, 3, 0, 1)

    def _filter(
        self, shares: Tensor, guide: Tensor, mean: Tensor, inverse: Tensor
    ) -> Tensor:
        """(k, H, W) -> the same."""
        mean_share = box_mean(shares, self.radius)
        joint = box_mean(guide[:, None] * shares, self.radius)
        covariance = joint - mean[:, None] * mean_share  # (C, k, H, W)
        slope = torch.einsum('ijhw,jkhw->ikhw', inverse, covariance)
        offset = mean_share - (slope * mean[:, None]).sum(0)
        slope, offset = box_mean(slope, self.radius), box_mean(offset, self.radius)
        return (slope * guide[:, None]).sum(0) + offset


def box_mean(maps: Tensor, radius: int) -> Tensor:
    """Mean over the window around each pixel, as far as it lies in the image.

    Args:
        maps: (..., H, W), best float64: sums over whole rows and columns are formed.
        radius: A window has (2 radius + 1)^2 pixels.

    Returns:
        The same shape.

    Examples:
        >>> box_mean(torch.tensor([[1.0, 2.0, 6.0]]), 1)
        tensor([[1.5000, 3.0000, 4.0000]])
    """
    for dim in (-2, -1):
        size = maps.shape[dim]
        beyond = (radius + 1, radius)
        sums = F.pad(maps, beyond if dim == -1 else (0, 0, *beyond)).cumsum(dim)
        high, low = sums.narrow(dim, 2 * radius + 1, size), sums.narrow(dim, 0, size)
        position = torch.arange(size, device=maps.device)
        count = (position + radius).clamp(max=size - 1) - (position - radius).clamp(
            min=0
        )
        count = (count + 1).to(maps)
        maps = (high - low) / (count if dim == -1 else count[:, None])
    return maps
