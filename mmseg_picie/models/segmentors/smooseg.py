"""SmooSeg as an mmseg segmentor."""

from mmseg.registry import MODELS
from torch import Tensor

from ...errors import InputError
from ..decode_heads import TeacherHead
from .pair_segmentor import PairSegmentor


@MODELS.register_module()
class SmooSeg(PairSegmentor):
    """Learns smooth labels of frozen features (Lan et al., NeurIPS 2023).

    A small projection of a frozen backbone and the clusters of its codes are learned in
    one stage, without k-means. The energy has two terms. By the first, points with like
    features have one label, within an image and between images
    (:class:`~mmseg_picie.models.SmoothnessLoss` of the teacher's distributions); it
    trains the projection. By the second, a student learns the labels of a teacher
    (:class:`~mmseg_picie.models.TeacherHead`), which follows it and predicts. All cells
    of the maps are compared, unless ``points`` says otherwise.

    Args:
        **kwargs: Arguments of :class:`PairSegmentor`; the decode head is a
            ``TeacherHead``.

    Raises:
        InputError: If the decode head is another one.
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        if not isinstance(self.decode_head, TeacherHead):
            raise InputError(
                'model.decode_head.type must be TeacherHead in SmooSeg, got '
                f'{type(self.decode_head).__name__}'
            )

    def compared(self, codes: Tensor) -> Tensor:
        """The teacher's distributions over clusters, (N, D, h, w) -> (N, K, h, w)."""
        return self.decode_head.probabilities(self.decode_head.unit(codes))

    def head_losses(self, codes: Tensor) -> dict[str, Tensor]:
        """``loss_data``."""
        return self.decode_head.loss(codes)

    def loss(self, inputs: dict, data_samples=None) -> dict[str, Tensor]:
        """As of any ``TrainedSegmentor``; then the teacher follows the student."""
        losses = super().loss(inputs, data_samples)
        self.decode_head.update_teacher()
        return losses
