"""A clustering head in which the pixels of an image vote through masks."""

import torch
from mmseg.registry import MODELS
from torch import Tensor

from ...clustering import MASK_THRESHOLD, check_share, mask_proposals, points_of_masks
from ...errors import check_choice
from ..points import to_points
from .clustering_head import ClusteringHead

PREDICT_BY = ('masks', 'pixels')


@MODELS.register_module()
class MaskVotingHead(ClusteringHead):
    """Centroids as in :class:`ClusteringHead`; a mask has one cluster.

    Each image is divided into masks by the principal components of its own embedding
    (:func:`~mmseg_picie.clustering.mask_proposals`; PriMaPs, Hahn et al. 2024). All
    pixels of a mask get the cluster of the mask's mean embedding, pixels of no mask
    their own nearest cluster.

    Args:
        predict_by: 'masks' (default) or 'pixels', as :class:`ClusteringHead` predicts.
        mask_threshold: Least cosine of a mask's points to the one it began with, in
            (0, 1].
        **kwargs: Arguments of :class:`ClusteringHead`.

    Raises:
        InputError: If an option is unknown or out of range.
    """

    def __init__(
        self,
        predict_by: str = 'masks',
        mask_threshold: float = MASK_THRESHOLD,
        **kwargs,
    ) -> None:
        check_choice('MaskVotingHead.predict_by', predict_by, PREDICT_BY)
        check_share('MaskVotingHead.mask_threshold', mask_threshold)
        super().__init__(**kwargs)
        self.predict_by = predict_by
        self.mask_threshold = mask_threshold

    @property
    def source(self) -> str:
        """What predicts, in words and with a check sum."""
        if self.predict_by == 'pixels':
            return super().source
        return f'{super().source}, by masks of threshold {self.mask_threshold}'

    @property
    def no_graph(self) -> str:
        """Why no export can hold what predicts; '' if one can."""
        if self.predict_by == 'pixels':
            return ''
        return (
            "decode_head.predict_by='masks' divides each image into masks, whose "
            'number is not known before: no graph or layer does that; run the config '
            "again with model.decode_head.predict_by='pixels', which gives the same "
            'centroids, and export that'
        )

    def scores(self, embedding: Tensor) -> Tensor:
        """Scores of the evaluation centroids, (N, K, h, w) float32; high is near."""
        if self.predict_by == 'masks':
            embedding = torch.stack([self._voted(maps) for maps in embedding])
        return super().scores(embedding)

    def score_layer(self) -> tuple[Tensor, Tensor]:
        """The scores as one linear layer of the embedding, (K, D) and (K,).

        Raises:
            NotImplementedError: With ``predict_by='masks'``.
        """
        if self.predict_by == 'masks':
            raise NotImplementedError('scores of masks are no layer')
        return super().score_layer()

    def _voted(self, maps: Tensor) -> Tensor:
        """(D, h, w), each pixel with the mean of its mask."""
        points = to_points(maps[None])
        voted = points_of_masks(points, mask_proposals(points, self.mask_threshold))
        return voted.T.reshape(maps.shape)
