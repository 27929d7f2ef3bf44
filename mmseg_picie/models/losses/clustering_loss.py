"""Within- and cross-view clustering loss."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import torch
from mmengine.dist import all_reduce, get_world_size
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...clustering import RULES
from ...clustering.assignment import score_map
from .chunked_cross_entropy import Target, cross_entropy_sums

CLUSTER_WEIGHTS = ('none', 'frequency', 'inverse_sqrt')
IGNORED = -1  # label of a pixel that does not count


@dataclass(frozen=True)
class Clustering:
    """A clustering of both views; each attribute is (view 1, view 2).

    Attributes:
        labels: Cluster ids, (M,) int64, -1 where a pixel does not count.
        centroids: (K, D), constant.
        cluster_sizes: Points per cluster, (K,).
        factor: Multiplier of the clustering's terms.
    """

    labels: tuple[Tensor, Tensor]
    centroids: tuple[Tensor, Tensor]
    cluster_sizes: tuple[Tensor, Tensor]
    factor: float = 1.0


def clustering_factors(num_clusters: Sequence[int]) -> list[float]:
    """Multipliers of the terms of one clustering, or of two (PiCIE+H).

    Cross-entropy grows with log K, so each of two is damped by the other's: log K2 /
    (log K1 + log K2) and log K1 / (log K1 + log K2).

    Args:
        num_clusters: K of each clustering.
    """
    if len(num_clusters) == 1:
        return [1.0]
    logs = [math.log(number) for number in num_clusters]
    return [log / sum(logs) for log in reversed(logs)]


@MODELS.register_module()
class ClusteringLoss(nn.Module):
    """Cross-entropy to both views' clusterings (PiCIE, eq. 5-8).

    L_within = L(z1, y1, mu1) + L(z2, y2, mu2), L_cross = L(z1, y2, mu2) +
    L(z2, y1, mu1); the result is the mean of the four terms, as released. The scores
    against the centroids, divided by the temperature, are the logits. Each term is
    sum(w l) / sum(w) over the pixels of all processes.

    Args:
        rule: Score of a point against a centroid: 'euclidean' (default; the rule the
            labels are made by), 'dot' (released code), 'cosine' (the paper's eq. 3).
        temperature: Divisor of the scores.
        cluster_weight: Weight of a pixel by its cluster: 'none'; 'frequency', the
            cluster's share of all pixels (released; big clusters grow, picie.md R4);
            'inverse_sqrt', one over the root of that share.
        within: Factor of the within-view terms.
        cross: Factor of the cross-view terms.

    Raises:
        ValueError: If an option is unknown or ``temperature`` is not positive.
    """

    def __init__(
        self,
        rule: str = 'euclidean',
        temperature: float = 1.0,
        cluster_weight: str = 'none',
        within: float = 1.0,
        cross: float = 1.0,
    ) -> None:
        super().__init__()
        if rule not in RULES:
            raise ValueError(
                f'ClusteringLoss.rule must be one of {RULES}, got {rule!r}'
            )
        if cluster_weight not in CLUSTER_WEIGHTS:
            raise ValueError(
                f'ClusteringLoss.cluster_weight must be one of {CLUSTER_WEIGHTS}, '
                f'got {cluster_weight!r}'
            )
        if temperature <= 0:
            raise ValueError(
                f'ClusteringLoss.temperature must be > 0, got {temperature}'
            )
        self.rule = rule
        self.temperature = temperature
        self.cluster_weight = cluster_weight
        self.within = within
        self.cross = cross

    def class_weight(self, cluster_size: Tensor) -> Tensor | None:
        """Weight of each cluster's pixels, (K,) float32, or None for equal ones.

        Args:
            cluster_size: Points per cluster in the clustering pass, (K,).
        """
        if self.cluster_weight == 'none':
            return None
        share = (cluster_size / cluster_size.sum()).float()
        if self.cluster_weight == 'frequency':
            return share
        # An empty cluster labels no pixel, so its weight only has to be finite.
        least = torch.where(share > 0, share, torch.inf).min()
        return share.clamp(min=least).rsqrt()

    def _target(self, clustering: Clustering, view: int, dtype: torch.dtype) -> Target:
        """A view's clusters as scores, and its labels with their weights."""
        labels = clustering.labels[view]
        centroids = clustering.centroids[view].detach().to(dtype)
        matrix, offset = score_map(centroids, self.rule)
        offset = None if offset is None else offset / self.temperature
        valid = labels != IGNORED
        labels = labels.masked_fill(~valid, 0)
        pixel_weight = valid.to(dtype)
        weight = self.class_weight(clustering.cluster_sizes[view])
        if weight is not None:
            pixel_weight *= weight.to(dtype)[labels]
        return Target(matrix / self.temperature, offset, labels, pixel_weight)

    def forward(
        self,
        points: tuple[Tensor, Tensor],
        labels: tuple[Tensor, Tensor],
        centroids: tuple[Tensor, Tensor],
        cluster_sizes: tuple[Tensor, Tensor],
    ) -> dict[str, Tensor]:
        """Computes both parts of the loss; each argument is (view 1, view 2).

        Args:
            points: Embeddings, (M, D), unit length; M may be 0 on some processes.
                Maps (N, D, h, w) with M = N h w serve as well and are not copied.
            labels: Cluster ids, (M,) int64, -1 where a pixel does not count.
            centroids: (K, D), constant.
            cluster_sizes: Points per cluster, (K,).

        Returns:
            ``loss_within`` and ``loss_cross``; their sum is L. Values are those of
            all processes together; gradients are this process's share, scaled so
            that the average over processes (DDP) is the gradient of that value.
        """
        return self.joint(points, [Clustering(labels, centroids, cluster_sizes)])

    def joint(
        self, points: tuple[Tensor, Tensor], clusterings: Sequence[Clustering]
    ) -> dict[str, Tensor]:
        """As :meth:`forward`, summed over several clusterings of the same points.

        The points are visited once for all of them (PiCIE+H has two).
        """
        # Half precision would not do for the sums.
        points = [p if p.dtype == torch.float64 else p.float() for p in points]
        targets = [
            self._target(clustering, view, points[0].dtype)
            for clustering in clusterings
            for view in (0, 1)
        ]
        # The weights follow from the labels alone: with their sums over all processes
        # known first, the pass over the points can make the final gradient.
        norms = torch.stack(
            [target.pixel_weight.sum(dtype=torch.float64) for target in targets]
        )
        all_reduce(norms)
        # A term without any pixel is 0, not 0 / 0.
        scales = get_world_size() / (4 * torch.where(norms > 0, norms, 1.0))
        terms = torch.stack(
            [
                cross_entropy_sums(
                    points[view], targets, self._factors(view, scales, clusterings)
                )
                for view in (0, 1)
            ]
        )
        values = terms.detach().clone()
        all_reduce(values)
        values /= get_world_size()
        terms = terms + (values - terms).detach()
        # Targets alternate between views 1 and 2.
        within = terms[0, 0::2].sum() + terms[1, 1::2].sum()
        cross = terms[0, 1::2].sum() + terms[1, 0::2].sum()
        dtype = points[0].dtype
        return dict(loss_within=within.to(dtype), loss_cross=cross.to(dtype))

    def _factors(
        self, view: int, scales: Tensor, clusterings: Sequence[Clustering]
    ) -> Tensor:
        """Multipliers of a view's sums, one for each target, (T,).

        The factors of the parts are in here and not applied to the results, so that
        the gradients coming back are equal in an ordinary training step.
        """
        return torch.stack(
            [
                scales[2 * index + target]
                * (clustering.factor * (self.within if target == view else self.cross))
                for index, clustering in enumerate(clusterings)
                for target in (0, 1)
            ]
        )
