"""The centroids: labels and loss in training, prediction at test time."""

from collections.abc import Sequence

import torch
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...clustering import RULES, cluster_scores, nearest_cluster, score_map
from ...errors import InputError, check_choice
from ..losses import Clustering
from .base_clustering_head import BaseClusteringHead, check_sum
from .first_house_keys import convert_first_house_keys

NEVER = -1  # value of `centroids_round` before any fit


def centroid_source(num_rounds: int, centroids: Tensor) -> str:
    """Which centroids a prediction was made with, in words and with a check sum.

    Args:
        num_rounds: Rounds trained before they were fitted.
        centroids: (K, D).
    """
    return f'evaluation centroids {check_sum(centroids)} after {num_rounds} round(s)'


@MODELS.register_module()
class ClusteringHead(BaseClusteringHead):
    """A classifier without learned weights: cluster centers (PiCIE, section 3.1).

    The centroids live in buffers, so checkpoints, resume, DDP, test and inference need
    nothing special. One set per view labels and trains. One more set, which is fitted
    on un-augmented images with the current network, predicts.

    Args:
        in_channels: Embedding size D.
        num_clusters: Number of clusters K, >= 2.
        num_views: Views V that are clustered; the segmentor sets it.
        label_rule: How pixels get their training label.
        predict_rule: How pixels get their predicted cluster. Both rules are one of
            'euclidean' (default), 'cosine', 'dot'. Released: labels 'euclidean',
            predictions 'dot' (docs/reference.md R5).
        loss: Config of the loss; None where nothing is trained.
        **kwargs: Further arguments of :class:`BaseClusteringHead`.

    Attributes:
        centroids: Centroids of each view in this round, (V, K, D).
        cluster_sizes: Points per cluster of each view in this round, (V, K).
        eval_centroids: Centroids that predict, (K, D).
        eval_cluster_size: Points per cluster of those, (K,).
        centroids_round: Rounds trained when ``eval_centroids`` were fitted, ();
            -1 before any fit.

    Raises:
        InputError: If a rule is unknown or ``num_clusters`` < 2.

    Examples:
        >>> head = ClusteringHead(in_channels=2, num_clusters=2)
        >>> head.set_eval_clusters(torch.eye(2), torch.ones(2), num_rounds=1)
        >>> pixel = torch.tensor([0.9, 0.1]).view(1, 2, 1, 1)
        >>> int(head([pixel]).argmax(1))
        0
    """

    def __init__(
        self,
        in_channels: int,
        num_clusters: int,
        num_views: int = 2,
        label_rule: str = 'euclidean',
        predict_rule: str = 'euclidean',
        loss: dict | None = None,
        **kwargs,
    ) -> None:
        super().__init__(in_channels, num_clusters, **kwargs)
        check_choice('ClusteringHead.label_rule', label_rule, RULES)
        check_choice('ClusteringHead.predict_rule', predict_rule, RULES)
        self.label_rule = label_rule
        self.predict_rule = predict_rule
        self.clustering_loss = None if loss is None else MODELS.build(loss)
        sizes = dict(dtype=torch.float64)
        for name, value in dict(
            centroids=torch.zeros(num_views, num_clusters, in_channels),
            cluster_sizes=torch.zeros(num_views, num_clusters, **sizes),
            eval_centroids=torch.zeros(num_clusters, in_channels),
            eval_cluster_size=torch.zeros(num_clusters, **sizes),
            centroids_round=torch.tensor(NEVER),
        ).items():
            self.register_buffer(name, value)
        self._source: tuple[tuple[int, int], str] | None = None

    @property
    def is_fitted(self) -> bool:
        """Whether there are centroids that predict."""
        return int(self.centroids_round) != NEVER

    @property
    def source(self) -> str:
        """As :func:`centroid_source`; made anew only when the centroids changed."""
        # Moving to a device makes a new tensor, whose versions count anew.
        version = (self.eval_centroids.data_ptr(), self.eval_centroids._version)
        if self._source is None or self._source[0] != version:
            source = centroid_source(int(self.centroids_round), self.eval_centroids)
            self._source = version, source
        return self._source[1]

    @property
    def temperature(self) -> float | None:
        """That of the loss, if it has one."""
        return getattr(self.clustering_loss, 'temperature', None)

    @property
    def cluster_vectors(self) -> Tensor:
        """The centroids that predict, (K, D)."""
        return self.eval_centroids

    # --- what a clustering stores -----------------------------------------------

    def initial_centroids(self) -> Tensor | None:
        """A copy of what new clusterings of the views go on from, (V, K, D).

        None before the first clustering.

        These are the centroids that predict, by default those of plain images:
        clusters of views alone also come from what colors and blur do. A head that
        does not predict goes on from the centroids of its views.
        """
        if self.is_fitted:
            return self.eval_centroids.repeat(len(self.centroids), 1, 1)
        return self.centroids.clone() if self.cluster_sizes.any() else None

    def set_view_clusters(self, centroids: Tensor, cluster_sizes: Tensor) -> None:
        """Stores a round's clustering of the views.

        Args:
            centroids: (V, K, D), or (1, K, D) where all views share one clustering.
            cluster_sizes: (V, K), or (1, K).
        """
        self.centroids.copy_(centroids.expand_as(self.centroids))
        self.cluster_sizes.copy_(cluster_sizes.expand_as(self.cluster_sizes))

    def set_eval_clusters(
        self, centroids: Tensor, cluster_size: Tensor, num_rounds: int
    ) -> None:
        """Stores the centroids that predict.

        A matching belongs to the centroids it was made with, so it is forgotten.

        Args:
            centroids: (K, D).
            cluster_size: Points per cluster, (K,).
            num_rounds: Rounds trained so far.
        """
        self.eval_centroids.copy_(centroids)
        self.eval_cluster_size.copy_(cluster_size)
        self.centroids_round.fill_(num_rounds)
        self.cluster_to_class.fill_(-1)

    # --- training ---------------------------------------------------------------

    def begin_round(self, seed: int, round_index: int) -> list[nn.Parameter]:
        """Draws anew what is learned of one clustering alone; here that is nothing.

        Args:
            seed: Seed of the run.
            round_index: Round counted from 0.

        Returns:
            The parameters that were drawn anew.
        """
        return []

    def label(self, *points: Tensor) -> tuple[Tensor, ...]:
        """Cluster ids of each view's points, (M, D) -> (M,) int64 each."""
        return tuple(
            nearest_cluster(own, centroids, self.label_rule)
            for own, centroids in zip(points, self.centroids, strict=True)
        )

    def clustering(self, labels: tuple[Tensor, ...], factor: float = 1.0) -> Clustering:
        """Each view's labels, (M,), with the centroids they are ids of."""
        return Clustering(
            labels, self.centroids.unbind(), self.cluster_sizes.unbind(), factor
        )

    def loss(
        self, points: tuple[Tensor, ...], clusterings: Sequence[Clustering]
    ) -> dict[str, Tensor]:
        """Loss of each view's points, (M, D) or (N, D, h, w), under clusterings.

        Raises:
            InputError: If the head has no loss.
        """
        return self.required_loss()(points, clusterings)

    def required_loss(self) -> nn.Module:
        """The loss, for heads that train.

        Raises:
            InputError: If the config has none.
        """
        if self.clustering_loss is None:
            raise InputError(
                'decode_head.loss is None, so there is nothing to train: set it, for '
                "example to dict(type='ClusteringLoss')"
            )
        return self.clustering_loss

    # --- prediction -------------------------------------------------------------

    def scores(self, embedding: Tensor) -> Tensor:
        """Scores of the evaluation centroids, (N, K, h, w) float32; high is near."""
        points = embedding.permute(0, 2, 3, 1)
        scores = cluster_scores(
            points.flatten(0, 2), self.eval_centroids, self.predict_rule
        )
        return scores.view(*points.shape[:3], -1).permute(0, 3, 1, 2)

    def score_layer(self) -> tuple[Tensor, Tensor]:
        """The scores as one linear layer of the embedding, (K, D) and (K,)."""
        matrix, offset = score_map(self.eval_centroids, self.predict_rule)
        return matrix.T, matrix.new_zeros(matrix.shape[1]) if offset is None else offset

    def _load_from_state_dict(self, state_dict, prefix, *args, **kwargs) -> None:
        convert_first_house_keys(state_dict, prefix, len(self.centroids))
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)
