"""Contrastive learning of pixels, as a pretraining or as a method of its own."""

from mmseg.registry import MODELS
from torch import Tensor

from ..points import valid_cells
from .head_checks import check_unit_vectors
from .trained_segmentor import TrainedSegmentor


@MODELS.register_module()
class PixelContrast(TrainedSegmentor):
    """Learns to find a pixel of one view among the pixels of the other.

    Nothing is clustered while it trains; ``RefitHook`` clusters its embedding after a
    round, for prediction. Its weights are a start for PiCIE and for training with
    labels. As a term beside PiCIE's loss the same is ``model.contrast``.

    Args:
        contrast: Config of the loss, a ``PixelContrastLoss``.
        **kwargs: Arguments of :class:`TrainedSegmentor`; ``decode_head`` is a
            ``ClusteringHead`` without a loss.

    Raises:
        InputError: If the embedding is not of unit length.
    """

    def __init__(self, contrast: dict, **kwargs) -> None:
        super().__init__(**kwargs)
        check_unit_vectors(self.decode_head, 'contrast')
        self.contrast_loss = MODELS.build(contrast)

    def batch_losses(self, inputs: dict) -> dict[str, Tensor]:
        """``loss_contrast`` of a batch."""
        maps = self.embed_pair(inputs, self.trained_features)
        valid = valid_cells(inputs.get('ignore'), maps[0])
        return dict(loss_contrast=self.contrast_loss(maps, valid))

    def empty_losses(self) -> dict[str, Tensor]:
        """0: without samples there is nothing to tell apart."""
        return dict(loss_contrast=next(self.parameters()).new_zeros(()))
