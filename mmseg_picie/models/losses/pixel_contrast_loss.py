"""Loss that tells a pixel's other view from the pixels of other images."""

import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...errors import InputError, check_choice, check_least
from ..points import at_cells

NEGATIVES = ('images', 'all')


@MODELS.register_module()
class PixelContrastLoss(nn.Module):
    """InfoNCE over the corresponding pixels of two views.

    The loss is that of contrastive predictive coding (van den Oord et al., 2018,
    eq. 4). Of each image some pixels are drawn, the same in both views. Pixel i of one
    view costs -log(exp(s_ii / t) / (exp(s_ii / t) + sum over j of exp(s_ij / t))),
    where s_ij is the cosine of i and of pixel j in the other view, and j are the
    negatives of i. The loss is the mean over the pixels of both views.

    It uses no clusters. With several processes each has the negatives of its own
    images, so the value is not that of one process with all images; the gradient is the
    mean over processes.

    Args:
        weight: Factor of the loss.
        temperature: Divisor t of the cosines.
        num_points: Pixels drawn of each image in a step, or all where there are fewer.
        negatives: Which drawn pixels are negatives: those of other images ('images',
            default) or also those of other places of the same image ('all'), which may
            show the same thing. With 'images' and one image alone, the loss is 0.

    Raises:
        InputError: If an argument is out of range.
    """

    def __init__(
        self,
        weight: float = 1.0,
        temperature: float = 0.1,
        num_points: int = 64,
        negatives: str = 'images',
    ) -> None:
        super().__init__()
        for name, value in (('weight', weight), ('temperature', temperature)):
            if value <= 0:
                raise InputError(f'PixelContrastLoss.{name} must be > 0, got {value}')
        check_least('PixelContrastLoss.num_points', num_points, 1)
        check_choice('PixelContrastLoss.negatives', negatives, NEGATIVES)
        self.weight = weight
        self.temperature = temperature
        self.num_points = num_points
        self.negatives = negatives

    def forward(self, embeddings: tuple[Tensor, Tensor], valid: Tensor) -> Tensor:
        """Draws pixels, the same in both views, and averages over them.

        Args:
            embeddings: Maps of both views in one frame, (N, D, h, w), unit length.
            valid: Cells that count, (N h w,) bool.

        Returns:
            (), from this process's pixels.
        """
        first, second = embeddings
        valid = valid.view(len(first), -1)
        # The CPU's generator draws, because it is set in every round. Cells that do not
        # count come last.
        order = torch.rand(valid.shape).to(first.device) + (~valid).float()
        cells = order.argsort(1)[:, : self.num_points]
        counts = valid.gather(1, cells).flatten()
        # The sums need more than half precision.
        with torch.autocast(first.device.type, enabled=False):
            points = [at_cells(maps, cells).flatten(0, 1) for maps in embeddings]
            scores = points[0] @ points[1].T / self.temperature  # (N P, N P)
            # Of pixel and key; a pixel that does not count is no negative.
            shown = counts.expand_as(scores)
            if self.negatives == 'images':
                image = torch.arange(len(cells), device=cells.device)
                image = image.repeat_interleave(cells.shape[1])
                shown = shown & (image[:, None] != image)
            shown = shown | torch.eye(
                len(scores), dtype=torch.bool, device=shown.device
            )
            target = torch.arange(len(scores), device=scores.device)
            losses = sum(
                F.cross_entropy(
                    part.masked_fill(~shown, -torch.inf), target, reduction='none'
                )
                for part in (scores, scores.T)
            )
            return self.weight / 2 * (losses * counts).sum() / counts.sum().clamp(min=1)
