"""Loss of finding a pasted region and of giving it its source's embedding."""

import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...errors import check_least
from .process_means import process_mean


@MODELS.register_module()
class PastedRegionLoss(nn.Module):
    """Two terms on scenes into which a region of another image is pasted.

    ``loss_find`` is the binary cross-entropy of the scores that say which cells are
    pasted. Pasted cells and all others count half each, however large the region is.
    ``loss_embed`` is the mean over pasted cells of 1 minus the cosine of a cell's
    embedding and that of its source at the place that it shows. Cells with pixels of
    both images are left out.

    Means are over the cells of all processes, and the gradients are those of one
    process with all images. A mean over no cell is 0.

    Args:
        find_weight: Factor of ``loss_find``; 0 leaves the finding out.
        embed_weight: Factor of ``loss_embed``.

    Raises:
        InputError: If a factor is negative.
    """

    def __init__(self, find_weight: float = 1.0, embed_weight: float = 1.0) -> None:
        super().__init__()
        check_least('PastedRegionLoss.find_weight', find_weight, 0)
        check_least('PastedRegionLoss.embed_weight', embed_weight, 0)
        self.find_weight = find_weight
        self.embed_weight = embed_weight

    def forward(
        self,
        scores: Tensor,
        embeddings: Tensor,
        targets: Tensor,
        pasted: Tensor,
        clear: Tensor,
    ) -> dict[str, Tensor]:
        """Both terms of a batch of scenes.

        Args:
            scores: Logits of being pasted, (N, 1, h, w).
            embeddings: Of the scenes, (N, D, h, w), unit length.
            targets: Of the sources, brought to the scenes' places, (N, D, h, w), unit
                length, without gradient.
            pasted: Cells that lie in the region, (N h w,) bool.
            clear: Cells that lie outside of it, (N h w,) bool.
        """
        # The sums need more than half precision.
        with torch.autocast(scores.device.type, enabled=False):
            scores = scores.float().flatten()
            missed = process_mean(F.softplus(-scores[pasted]))
            mistaken = process_mean(F.softplus(scores[clear]))
            cosines = (embeddings * targets).sum(1).flatten()
            apart = process_mean(1 - cosines[pasted])
        return dict(
            loss_find=self.find_weight / 2 * (missed + mistaken),
            loss_embed=self.embed_weight * apart,
        )
