"""PiCIE as an mmseg segmentor."""

from collections.abc import Callable, Sequence

from mmseg.registry import MODELS
from torch import Tensor

from ...errors import InputError
from .head_checks import check_unit_vectors
from .round_segmentor import Labels, RoundSegmentor


@MODELS.register_module()
class PiCIE(RoundSegmentor):
    """Pixel-level feature clustering using invariance and equivariance.

    Cho et al., CVPR 2021. Backbone and neck embed the two views; the decode head (a
    ``ClusteringHead``) holds the centroids. Labels come from a frozen copy of the
    network as it was when the round's clustering was made. At test time this is an
    ordinary ``EncoderDecoder``.

    Args:
        label_agreement: Whether a pixel counts only where both views' labels are the
            same (False by default). Needs clusterings whose ids mean the same:
            ``KMeansLabelHook.warm_start`` or ``centroid_sets='shared'``. A second
            clustering learns from the same pixels.
        correspondence: Config of a ``CorrespondenceLoss``, which joins the training;
            its features are those of the frozen copy. None (default): as released.
        contrast: Config of a ``PixelContrastLoss``, which joins the training. None
            (default): as released.
        **kwargs: Arguments of :class:`RoundSegmentor`: ``backbone`` (any that gives
            feature maps), ``neck``, ``decode_head``, ``auxiliary_clusters`` and others.

    Raises:
        InputError: If ``correspondence`` or ``contrast`` lacks what it compares.
    """

    clustered_views = ('view1', 'view2')

    def __init__(
        self,
        label_agreement: bool = False,
        correspondence: dict | None = None,
        contrast: dict | None = None,
        **kwargs,
    ) -> None:
        super().__init__(**kwargs)
        self.needs_shared_ids = label_agreement
        self.correspondence_loss = self.contrast_loss = None
        if correspondence is not None:
            self._check_correspondence()
            self.correspondence_loss = MODELS.build(correspondence)
            self.extra_loss_names += ('loss_correspondence',)
        if contrast is not None:
            check_unit_vectors(self.decode_head, 'contrast')
            self.contrast_loss = MODELS.build(contrast)
            self.extra_loss_names += ('loss_contrast',)

    def _check_correspondence(self) -> None:
        if self.label_network != 'frozen':
            raise InputError(
                'model.correspondence takes its features from the frozen copy, and '
                f'label_network={self.label_network!r} runs none: set it to '
                "'frozen'"
            )
        check_unit_vectors(self.decode_head, 'correspondence')

    def embed_views(
        self, inputs: dict, features: Callable[[Tensor], Tensor]
    ) -> tuple[Tensor, Tensor]:
        """Unit vectors of both views in the frame of view 1."""
        return self.embed_pair(inputs, features)

    def label(self, maps: Sequence[Tensor], valid: Tensor) -> list[Labels]:
        """Adds ``label_agreement`` to the labels of :class:`RoundSegmentor`."""
        labels = super().label(maps, valid)
        if self.needs_shared_ids:
            differ = labels[0][0] != labels[0][1]
            labels = [tuple(i.masked_fill(differ, -1) for i in ids) for ids in labels]
        return labels

    def extra_losses(
        self,
        maps: tuple[Tensor, ...],
        targets: tuple[Tensor, ...] | None,
        valid: Tensor,
    ) -> dict[str, Tensor]:
        """``loss_correspondence`` and ``loss_contrast``, if they are configured."""
        losses = {}
        if self.correspondence_loss is not None:
            losses['loss_correspondence'] = self.correspondence_loss(
                maps, targets, valid, self.decode_head.num_clusters
            )
        if self.contrast_loss is not None:
            losses['loss_contrast'] = self.contrast_loss(maps, valid)
        return losses
