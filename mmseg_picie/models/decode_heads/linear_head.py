"""A head that reads classes off the embedding by one linear layer."""

import torch
from mmseg.registry import MODELS
from torch import Tensor, nn

from .base_clustering_head import BaseClusteringHead, check_sum


@MODELS.register_module()
class LinearHead(BaseClusteringHead):
    """Classes that were taught by labeled images, on the embedding of another head.

    One 1x1 convolution with bias scores each pixel's unit vector, as a linear probe
    does. Its K are the classes themselves.

    Args:
        **kwargs: Arguments of :class:`BaseClusteringHead`.
    """

    def __init__(self, **kwargs) -> None:
        super().__init__(**kwargs)
        self.classifier = nn.Conv2d(self.in_channels, self.num_clusters, 1)
        self.cluster_to_class.copy_(torch.arange(self.num_clusters))

    @property
    def is_fitted(self) -> bool:
        """Always: a head without taught weights is not written anywhere."""
        return True

    @property
    def source(self) -> str:
        """What predicts, in words and with a check sum."""
        weights = check_sum(self.classifier.weight, self.classifier.bias)
        return f'taught classifier {weights}'

    def scores(self, embedding: Tensor) -> Tensor:
        """Logits of the classes, (N, D, h, w) -> (N, K, h, w) float32."""
        with torch.autocast(embedding.device.type, enabled=False):
            return self.classifier(embedding)

    def score_layer(self) -> tuple[Tensor, Tensor]:
        """The scores as one linear layer of the embedding, (K, D) and (K,)."""
        return self.classifier.weight.flatten(1), self.classifier.bias
