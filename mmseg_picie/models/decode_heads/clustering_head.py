"""The centroids: labels and loss in training, prediction at test time."""

import hashlib
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...clustering import RULES, cluster_scores, nearest_cluster
from ...errors import InputError
from ..losses.clustering_loss import Clustering
from ..unit_vectors import unit_vectors

NEVER = -1  # value of `centroids_round` before any fit


def check_sum(*tensors: Tensor) -> str:
    """Eight hex digits that other float32 values would hardly have."""
    digest = hashlib.sha256()
    for tensor in tensors:
        digest.update(tensor.detach().float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()[:8]


def centroid_source(num_rounds: int, centroids: Tensor) -> str:
    """Which centroids a prediction was made with, in words and with a check sum.

    Args:
        num_rounds: Rounds trained before they were fitted.
        centroids: (K, D).
    """
    return f'evaluation centroids {check_sum(centroids)} after {num_rounds} round(s)'


@MODELS.register_module()
class ClusteringHead(BaseModule):
    """A classifier without learned weights: cluster centers (PiCIE, section 3.1).

    The centers live in buffers, so checkpoints, resume, DDP, test and inference need
    nothing special. One set per view labels and trains; a third set, fitted on
    un-augmented images with the current network, predicts.

    Args:
        in_channels: Embedding size D.
        num_clusters: Number of clusters K, >= 2.
        label_rule: How pixels get their training label.
        predict_rule: How pixels get their predicted cluster. Both in 'euclidean'
            (default), 'cosine', 'dot'; released: labels 'euclidean', predictions
            'dot' (docs/reference.md R5).
        normalize: Whether embeddings are brought to unit length.
        in_index: Which of the neck's maps is the embedding.
        loss: Config of the loss; None where nothing is trained.
        init_cfg: mmengine initialization.

    Attributes:
        centroids1, centroids2: Centers of the two views in this round, (K, D).
        cluster_size1, cluster_size2: Points per cluster in this round, (K,).
        eval_centroids: Centers that predict, (K, D).
        centroids_round: Rounds trained when ``eval_centroids`` were fitted, ();
            -1 before any fit.
        cluster_to_class: Class of each cluster, (K,) int64, -1 if it has none or no
            matching was stored.

    Raises:
        InputError: If a rule is unknown or ``num_clusters`` < 2.
    """

    def __init__(
        self,
        in_channels: int,
        num_clusters: int,
        label_rule: str = 'euclidean',
        predict_rule: str = 'euclidean',
        normalize: bool = True,
        in_index: int = -1,
        loss: dict | None = None,
        init_cfg: dict | list | None = None,
    ) -> None:
        super().__init__(init_cfg)
        if num_clusters < 2:
            raise InputError(
                f'ClusteringHead.num_clusters must be >= 2, got {num_clusters}'
            )
        for name, rule in dict(
            label_rule=label_rule, predict_rule=predict_rule
        ).items():
            if rule not in RULES:
                raise InputError(
                    f'ClusteringHead.{name} must be one of {RULES}, got {rule!r}'
                )
        self.in_channels = in_channels
        self.num_clusters = num_clusters
        self.label_rule = label_rule
        self.predict_rule = predict_rule
        self.normalize = normalize
        self.in_index = in_index
        self.clustering_loss = None if loss is None else MODELS.build(loss)
        for name in ('centroids1', 'centroids2', 'eval_centroids'):
            self.register_buffer(name, torch.zeros(num_clusters, in_channels))
        for name in ('cluster_size1', 'cluster_size2', 'eval_cluster_size'):
            self.register_buffer(name, torch.zeros(num_clusters, dtype=torch.float64))
        self.register_buffer('centroids_round', torch.tensor(NEVER))
        self.register_buffer('cluster_to_class', torch.full((num_clusters,), -1))
        self._source: tuple[tuple[int, int], str] | None = None
        # What mmseg's EncoderDecoder reads off a decode head.
        self.align_corners = False
        self.num_classes = self.out_channels = num_clusters

    def embed(self, features) -> Tensor:
        """Takes the embedding from the neck's maps, (N, D, h, w), not yet unit."""
        return features if isinstance(features, Tensor) else features[self.in_index]

    def unit(self, embedding: Tensor) -> Tensor:
        """Brings embeddings to unit length over D in float32, if so configured."""
        embedding = embedding.float()
        return unit_vectors(embedding) if self.normalize else embedding

    @property
    def centroid_source(self) -> str:
        """As :func:`centroid_source`; made anew only when the centroids changed."""
        # Moving to a device makes a new tensor, whose versions count anew.
        version = (self.eval_centroids.data_ptr(), self.eval_centroids._version)
        if self._source is None or self._source[0] != version:
            source = centroid_source(int(self.centroids_round), self.eval_centroids)
            self._source = version, source
        return self._source[1]

    @property
    def is_fitted(self) -> bool:
        """Whether there are centers that predict."""
        return int(self.centroids_round) != NEVER

    def starts(self) -> tuple[Tensor | None, Tensor | None]:
        """Where new clusterings of the views go on from, (K, D) each; None at first.

        The centers that predict, by default those of plain images: clusters of views
        alone also come from what colors and blur do. A head that does not predict
        goes on from those of the views.
        """
        if self.is_fitted:
            return self.eval_centroids, self.eval_centroids
        if self.cluster_size1.any():
            return self.centroids1, self.centroids2
        return None, None

    def set_view_clusters(
        self, centroids: tuple[Tensor, Tensor], cluster_sizes: tuple[Tensor, Tensor]
    ) -> None:
        """Stores a round's clustering of both views: (K, D) and (K,) each."""
        self.centroids1.copy_(centroids[0])
        self.centroids2.copy_(centroids[1])
        self.set_cluster_sizes(cluster_sizes)

    def set_cluster_sizes(self, cluster_sizes: tuple[Tensor, Tensor]) -> None:
        """Stores the points per cluster of both views, (K,) each."""
        self.cluster_size1.copy_(cluster_sizes[0])
        self.cluster_size2.copy_(cluster_sizes[1])

    def set_eval_clusters(
        self, centroids: Tensor, cluster_size: Tensor, num_rounds: int
    ) -> None:
        """Stores the centers that predict.

        A matching belongs to the centers it was made with, so it is forgotten.

        Args:
            centroids: (K, D).
            cluster_size: Points per cluster, (K,).
            num_rounds: Rounds trained so far.
        """
        self.eval_centroids.copy_(centroids)
        self.eval_cluster_size.copy_(cluster_size)
        self.centroids_round.fill_(num_rounds)
        self.cluster_to_class.fill_(-1)

    def start_round(self, seed: int, round_index: int) -> list[nn.Parameter]:
        """Draws anew what is learned of one clustering alone: here nothing.

        Args:
            seed: Seed of the run.
            round_index: Round counted from 0.

        Returns:
            The parameters that start anew.
        """
        return []

    def label(self, *points: Tensor) -> tuple[Tensor, ...]:
        """Cluster ids of each view's points, (M, D) -> (M,) int64 each."""
        centroids = (self.centroids1, self.centroids2)[: len(points)]
        return tuple(
            nearest_cluster(own, centers, self.label_rule)
            for own, centers in zip(points, centroids, strict=True)
        )

    def clustering(self, labels: tuple[Tensor, ...], factor: float = 1.0) -> Clustering:
        """Each view's labels, (M,), with the centroids they are ids of."""
        views = len(labels)
        return Clustering(
            labels,
            (self.centroids1, self.centroids2)[:views],
            (self.cluster_size1, self.cluster_size2)[:views],
            factor,
        )

    def loss(
        self, points: tuple[Tensor, ...], clusterings: Sequence[Clustering]
    ) -> dict[str, Tensor]:
        """Loss of each view's points, (M, D) or (N, D, h, w), under clusterings."""
        return self._loss().joint(points, clusterings)

    def _loss(self) -> nn.Module:
        if self.clustering_loss is None:
            raise InputError(
                'decode_head.loss is None, so there is nothing to train: set it, for '
                "example to dict(type='ClusteringLoss')"
            )
        return self.clustering_loss

    def forward(self, features) -> Tensor:
        """Scores of the evaluation centroids.

        Args:
            features: The neck's maps.

        Returns:
            (N, K, h, w) float32, higher is nearer.

        Raises:
            RuntimeError: If the centroids were never fitted.
        """
        self._check_fitted()
        points = self.unit(self.embed(features)).permute(0, 2, 3, 1)
        scores = cluster_scores(
            points.flatten(0, 2), self.eval_centroids, self.predict_rule
        )
        return scores.view(*points.shape[:3], -1).permute(0, 3, 1, 2)

    def _check_fitted(self) -> None:
        if not self.is_fitted:
            raise RuntimeError(
                'decode_head.eval_centroids were never fitted, so there is nothing to '
                'predict with: load a checkpoint that tools/train.py wrote'
            )

    def predict(self, features, batch_img_metas: list[dict], test_cfg) -> Tensor:
        """Scores at the size of the network's input, (N, K, H, W)."""
        meta = batch_img_metas[0]
        size = meta['img_shape']
        # mmseg marks a sliding window by this type; otherwise padding was added.
        if not isinstance(size, torch.Size):
            size = meta.get('pad_shape', size)[:2]
        return F.interpolate(
            self(features), size=tuple(size), mode='bilinear', align_corners=False
        )

    def _load_from_state_dict(self, state_dict, prefix, *args, **kwargs) -> None:
        # mmengine logs size mismatches and goes on with the old values, which for
        # centroids means predicting noise.
        for name, buffer in self.named_buffers(recurse=False):
            loaded = state_dict.get(prefix + name)
            if loaded is not None and loaded.shape != buffer.shape:
                raise InputError(
                    f'{prefix}{name} of the checkpoint is {tuple(loaded.shape)}, the '
                    f'config asks for {tuple(buffer.shape)}: set '
                    f'model.{prefix}num_clusters and the neck to those the '
                    'checkpoint was trained with'
                )
        super()._load_from_state_dict(state_dict, prefix, *args, **kwargs)
