"""Clusters of a student that a slower teacher labels."""

import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...errors import InputError
from ..losses import process_mean
from .softmax_head import SoftmaxHead


@MODELS.register_module()
class TeacherHead(SoftmaxHead):
    """Two sets of cosine centroids: one learns, the other follows it (SmooSeg).

    The teacher labels each point by its nearest centroid, and the student learns these
    labels by cross-entropy; neither reaches the embedding. With each batch, before the
    optimizer's step, the teacher moves towards the student: teacher = m teacher +
    (1 - m) student (Lan et al., NeurIPS 2023, section 3.3). Scores,
    :meth:`probabilities` and predictions are the teacher's; through the probabilities a
    segmentor's loss may train the embedding.

    Args:
        in_channels: Embedding size D.
        num_clusters: Number of clusters K, >= 2.
        momentum: m, in [0, 1).
        temperature: Divisor of the teacher's scores in :meth:`probabilities`. The
            student's cross-entropy has none, as released.
        **kwargs: Further arguments of :class:`SoftmaxHead`, whose ``cosine`` is True.

    Attributes:
        classifier: The teacher; not trained.
        student: Its centroids, (K, D).

    Raises:
        InputError: If ``momentum`` is out of range.
    """

    def __init__(
        self,
        in_channels: int,
        num_clusters: int,
        momentum: float = 0.998,
        temperature: float = 0.1,
        **kwargs,
    ) -> None:
        super().__init__(in_channels, num_clusters, temperature, cosine=True, **kwargs)
        if not 0 <= momentum < 1:
            raise InputError(f'TeacherHead.momentum must lie in [0, 1), got {momentum}')
        self.momentum = momentum
        directions = F.normalize(torch.randn(num_clusters, in_channels), dim=1)
        self.student = nn.Parameter(directions)
        self.classifier.requires_grad_(False)
        self.classifier.weight.copy_(directions[..., None, None])

    def loss(self, codes: Tensor) -> dict[str, Tensor]:
        """Cross-entropy of the student's cosines to the teacher's labels.

        Args:
            codes: Embeddings of any length, (N, D, h, w); N may be 0 on a process.
        """
        units = self.unit(codes.detach())
        rows = F.normalize(self.student, dim=1)
        with torch.autocast(units.device.type, enabled=False):
            cosines = F.conv2d(units, rows[..., None, None])
            labels = self.scores(units).argmax(1)
            values = F.cross_entropy(cosines, labels, reduction='none')
        return dict(loss_data=process_mean(values))

    @torch.no_grad()
    def update_teacher(self) -> None:
        """Moves the teacher towards the student; alike on every process."""
        self.classifier.weight.lerp_(self.student[..., None, None], 1 - self.momentum)
