"""STEGO as an mmseg segmentor."""

from mmseg.registry import MODELS
from torch import Tensor

from ...errors import InputError
from ..decode_heads import ProbeHead
from .pair_segmentor import PairSegmentor


@MODELS.register_module()
class STEGO(PairSegmentor):
    """Distills the correspondences of frozen features (Hamilton et al., ICLR 2022).

    A small projection of a frozen backbone learns codes that are alike where the
    features are, within an image, between an image and one of its nearest images, and
    between random images (:class:`~mmseg_picie.models.STEGOLoss`). Beside it a cluster
    probe (:class:`~mmseg_picie.models.ProbeHead`) learns the clusters of the codes; it
    predicts. No label takes part in training or in the choice of a checkpoint.

    Args:
        points: Side of the square of points that are drawn of each image in a step.
        random_images: Other images of the batch that each image is compared with.
        feature_dropout: Probability with which a channel of the features is left out
            before they are compared.
        **kwargs: Arguments of :class:`PairSegmentor`; the decode head is a
            ``ProbeHead``.

    Raises:
        InputError: If the decode head is another one.
    """

    def __init__(
        self,
        points: int | None = 11,
        random_images: int = 5,
        feature_dropout: float = 0.1,
        **kwargs,
    ) -> None:
        super().__init__(
            points=points,
            random_images=random_images,
            feature_dropout=feature_dropout,
            **kwargs,
        )
        if not isinstance(self.decode_head, ProbeHead):
            raise InputError(
                'model.decode_head.type must be ProbeHead in STEGO, got '
                f'{type(self.decode_head).__name__}'
            )

    def head_losses(self, codes: Tensor) -> dict[str, Tensor]:
        """``loss_probe``."""
        return self.decode_head.loss(codes)
