"""A method without clustering: one segmentor, whose head learns the clusters."""

import torch
from mmseg.registry import MODELS
from torch import Tensor

from mmseg_picie.models import TrainedSegmentor, valid_cells


@MODELS.register_module()
class AgreeingSegmentor(TrainedSegmentor):
    """Both views of a pixel are to have one cluster, and clusters to be equally large.

    The chance that they have one is to be high, and so is the entropy of the mean over
    pixels.
    """

    def batch_losses(self, inputs: dict) -> dict[str, Tensor]:
        """Minus the logarithm of the chance, minus the entropy."""
        maps = self.embed_pair(inputs, self.trained_features)
        valid = valid_cells(inputs.get('ignore'), maps[0]).float()
        first, second = (
            self.decode_head.probabilities(view).transpose(0, 1).flatten(1)
            for view in maps
        )  # (K, M) each
        apart = -(first * second).sum(0).clamp(min=1e-8).log()
        count = valid.sum().clamp(min=1)
        mean = ((first + second) / 2 * valid).sum(1) / count
        return dict(
            loss_apart=(apart * valid).sum() / count,
            loss_balance=(mean * mean.clamp(min=1e-8).log()).sum(),
        )

    def empty_losses(self) -> dict[str, Tensor]:
        """Nothing, by the same names."""
        zero = torch.zeros((), device=self.decode_head.cluster_to_class.device)
        return dict(loss_apart=zero, loss_balance=zero)
