"""A classifier that is learned anew for every clustering."""

from collections.abc import Sequence

import torch
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...errors import check_choice
from ...views import classifier_seed
from ..losses import Clustering
from .base_clustering_head import check_sum
from .clustering_head import ClusteringHead

PREDICT_BY = ('centroids', 'classifier')
WEIGHT_STD = 0.01


def classifier_source(num_rounds: int, weight: Tensor, bias: Tensor) -> str:
    """Which classifier a prediction was made with, in words and with a check sum.

    Args:
        num_rounds: Rounds trained, the last of which it was learned in.
        weight: (K, D, 1, 1).
        bias: (K,).
    """
    return f'learned classifier {check_sum(weight, bias)} after {num_rounds} round(s)'


@MODELS.register_module()
class ClassifierHead(ClusteringHead):
    """Centroids that label, and a 1x1 convolution that learns their labels.

    As DeepCluster and MDC train (PiCIE, section 4). Cluster ids mean nothing from one
    clustering to the next, so for each clustering the weights are drawn anew (normal,
    standard deviation 0.01; biases 0) and their optimizer state is dropped. Their
    learning rate can be set apart by
    ``optim_wrapper.paramwise_cfg=dict(custom_keys={'decode_head.classifier': ...})``.

    Args:
        predict_by: What predicts: 'centroids' (default, the evaluation centroids, as in
            the released final evaluation) or 'classifier' (as in its evaluations
            between rounds).
        **kwargs: Arguments of ``ClusteringHead``; ``rule`` and
            ``within`` of the loss have no effect.

    Raises:
        InputError: If an option is unknown.
    """

    def __init__(self, predict_by: str = 'centroids', **kwargs) -> None:
        check_choice('ClassifierHead.predict_by', predict_by, PREDICT_BY)
        super().__init__(**kwargs)
        self.predict_by = predict_by
        self.classifier = nn.Conv2d(self.in_channels, self.num_clusters, 1)

    @property
    def source(self) -> str:
        """What predicts, in words and with a check sum."""
        if self.predict_by == 'centroids':
            return super().source
        parameters = self.classifier.weight, self.classifier.bias
        return classifier_source(int(self.centroids_round), *parameters)

    @torch.no_grad()
    def begin_round(self, seed: int, round_index: int) -> list[nn.Parameter]:
        """Draws the classifier anew, alike on every process.

        Args:
            seed: Seed of the run.
            round_index: Round counted from 0.

        Returns:
            Its parameters.
        """
        generator = torch.Generator().manual_seed(classifier_seed(seed, round_index))
        weight = torch.randn(self.classifier.weight.shape, generator=generator)
        self.classifier.weight.copy_(WEIGHT_STD * weight)
        self.classifier.bias.zero_()
        return [self.classifier.weight, self.classifier.bias]

    def loss(
        self, points: tuple[Tensor], clusterings: Sequence[Clustering]
    ) -> dict[str, Tensor]:
        """Cross-entropy of the classifier to the labels of one view.

        Args:
            points: One map of embeddings, (N, D, h, w).
            clusterings: One clustering of that view.
        """
        (maps,), (clustering,) = points, clusterings
        (labels,), (cluster_size,) = clustering.labels, clustering.cluster_sizes
        loss = self.required_loss()
        value = loss.of_classifier(self._classify, maps, labels, cluster_size)
        return dict(loss_classifier=value)

    def scores(self, embedding: Tensor) -> Tensor:
        """Scores of what predicts, (N, K, h, w) float32; high is near."""
        if self.predict_by == 'centroids':
            return super().scores(embedding)
        return self._classify(embedding)

    def score_layer(self) -> tuple[Tensor, Tensor]:
        """The scores as one linear layer of the embedding, (K, D) and (K,)."""
        if self.predict_by == 'centroids':
            return super().score_layer()
        return self.classifier.weight[..., 0, 0], self.classifier.bias

    def _classify(self, maps: Tensor) -> Tensor:
        # As the embedding itself, in full precision whatever the step runs in.
        with torch.autocast(maps.device.type, enabled=False):
            return self.classifier(maps)
