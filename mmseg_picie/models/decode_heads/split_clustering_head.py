"""A clustering head some of whose clusters were divided after training."""

import torch
from mmseg.registry import MODELS
from torch import Tensor

from ...clustering import score_map
from .clustering_head import ClusteringHead


@MODELS.register_module()
class SplitClusteringHead(ClusteringHead):
    """Centroids as in :class:`ClusteringHead`, with scores that are stored.

    Parts of a divided cluster score nearly as the whole one did, so that no other
    cluster moves (:func:`~mmseg_picie.clustering.split_cluster`); such scores do not
    follow from centroids. A new clustering, as training makes, takes their place.

    Args:
        **kwargs: Arguments of :class:`ClusteringHead`.

    Attributes:
        score_weight: Scores as a linear map of the embedding, (K, D).
        score_bias: What is added to them, (K,).
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self.register_buffer(
            'score_weight', torch.zeros(self.num_clusters, self.in_channels)
        )
        self.register_buffer('score_bias', torch.zeros(self.num_clusters))

    def set_eval_clusters(
        self, centroids: Tensor, cluster_size: Tensor, num_rounds: int
    ) -> None:
        """As :meth:`ClusteringHead.set_eval_clusters`; scores follow from these."""
        super().set_eval_clusters(centroids, cluster_size, num_rounds)
        matrix, offset = score_map(self.eval_centroids, self.predict_rule)
        self.score_weight.copy_(matrix.T)
        self.score_bias.zero_()
        if offset is not None:
            self.score_bias.copy_(offset)

    def scores(self, embedding: Tensor) -> Tensor:
        """Scores of the clusters, (N, K, h, w) float32; high is near."""
        points = embedding.permute(0, 2, 3, 1)
        with torch.autocast(points.device.type, enabled=False):
            flat = points.flatten(0, 2).to(self.score_weight.dtype)
            scores = torch.addmm(self.score_bias, flat, self.score_weight.T)
        return scores.view(*points.shape[:3], -1).permute(0, 3, 1, 2)

    def score_layer(self) -> tuple[Tensor, Tensor]:
        """The scores as one linear layer of the embedding, (K, D) and (K,)."""
        return self.score_weight, self.score_bias
