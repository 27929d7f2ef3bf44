"""A classifier of clusters that a method's own loss teaches."""

import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...errors import InputError
from .base_clustering_head import BaseClusteringHead, check_sum

NEVER = -1  # value of `rounds_trained` before the end of a first round


def softmax_source(num_rounds: int, *weights: Tensor) -> str:
    """Which learned clusters a prediction was made with, in words and a check sum.

    Args:
        num_rounds: Rounds trained.
        weights: (K, D, 1, 1) and, where there is one, the bias (K,).
    """
    return f'learned clusters {check_sum(*weights)} after {num_rounds} round(s)'


@MODELS.register_module()
class SoftmaxHead(BaseClusteringHead):
    """One 1x1 convolution whose softmax is the cluster of a pixel.

    For methods without k-means: the weights are parameters, and the segmentor's loss
    trains them through :meth:`probabilities` or :meth:`scores`. IIC has two such heads,
    SmooSeg's prototypes are one with ``cosine=True``.

    Args:
        in_channels: Embedding size D.
        num_clusters: Number of clusters K, >= 2.
        temperature: Divisor of the scores before their softmax, > 0.
        cosine: Whether a score is the cosine of the row and the embedding: rows are
            brought to unit length and there is no bias. False (default) is a plain
            linear layer. Needs ``normalize=True``, as is the default.
        loss: Config of the loss that the segmentor calls; None where it has its own.
        **kwargs: Further arguments of :class:`BaseClusteringHead`.

    Attributes:
        rounds_trained: Rounds at whose end the weights were as they are, (); -1
            before the first is over.

    Raises:
        InputError: If an argument is out of range or without effect.

    Examples:
        >>> head = SoftmaxHead(in_channels=3, num_clusters=2, cosine=True)
        >>> head.probabilities(head.unit(torch.ones(1, 3, 4, 4))).sum(1).unique()
        tensor([1.])
    """

    def __init__(
        self,
        in_channels: int,
        num_clusters: int,
        temperature: float = 1.0,
        cosine: bool = False,
        loss: dict | None = None,
        **kwargs,
    ) -> None:
        super().__init__(in_channels, num_clusters, **kwargs)
        if temperature <= 0:
            raise InputError(f'SoftmaxHead.temperature must be > 0, got {temperature}')
        if cosine and not self.normalize:
            raise InputError(
                'SoftmaxHead.cosine=True compares unit vectors, and '
                'SoftmaxHead.normalize is False: set it to True, or cosine to False'
            )
        self.cosine = cosine
        self.clustering_loss = None if loss is None else MODELS.build(loss)
        self._temperature = temperature
        self.classifier = nn.Conv2d(in_channels, num_clusters, 1, bias=not cosine)
        self.register_buffer('rounds_trained', torch.tensor(NEVER))

    @property
    def is_fitted(self) -> bool:
        """Whether the weights were trained for a round."""
        return int(self.rounds_trained) != NEVER

    @property
    def source(self) -> str:
        """As :func:`softmax_source`."""
        return softmax_source(int(self.rounds_trained), *self.classifier.parameters())

    @property
    def temperature(self) -> float:
        """Divisor of the scores before their softmax."""
        return self._temperature

    @property
    def cluster_vectors(self) -> Tensor:
        """The row of each cluster, (K, D)."""
        return self.score_layer()[0].detach()

    def end_round(self, num_rounds: int) -> None:
        """The weights are others now; a matching of the old ones is forgotten."""
        self.rounds_trained.fill_(num_rounds)
        self.cluster_to_class.fill_(-1)

    def scores(self, embedding: Tensor) -> Tensor:
        """Scores of the clusters, (N, D, h, w) -> (N, K, h, w) float32."""
        weight, bias = self.score_layer()
        # As the embedding itself, in full precision whatever the step runs in.
        with torch.autocast(embedding.device.type, enabled=False):
            return F.conv2d(embedding, weight[..., None, None], bias)

    def probabilities(self, embedding: Tensor) -> Tensor:
        """Softmax of the scores over the clusters, (N, D, h, w) -> (N, K, h, w)."""
        return (self.scores(embedding) / self.temperature).softmax(1)

    def score_layer(self) -> tuple[Tensor, Tensor]:
        """The scores as one linear layer of the embedding, (K, D) and (K,)."""
        weight, bias = self.classifier.weight[..., 0, 0], self.classifier.bias
        if self.cosine:
            return F.normalize(weight, dim=1), weight.new_zeros(len(weight))
        return weight, bias
