"""Within- and cross-view clustering loss."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from ...clustering import RULES, score_map
from ...errors import InputError, check_choice
from .chunked_cross_entropy import Target, cross_entropy_sums
from .process_means import over_processes, process_scales

CLUSTER_WEIGHTS = ('none', 'frequency', 'inverse_sqrt')
CROSS_LOSSES = ('clustering', 'mse')
IGNORED = -1  # label of a pixel that does not count
KEPT_SCORES = 1 << 27  # of a learned classifier: half a GB until the backward pass


@dataclass(frozen=True)
class Clustering:
    """A clustering of the views; attributes are (view 1, view 2), or (view 1,).

    Attributes:
        labels: Cluster ids, (M,) int64, -1 where a pixel does not count.
        centroids: (K, D), constant.
        cluster_sizes: Points per cluster, (K,).
        factor: Multiplier of the clustering's terms.
    """

    labels: tuple[Tensor, ...]
    centroids: tuple[Tensor, ...]
    cluster_sizes: tuple[Tensor, ...]
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
    sum(w l) / sum(w) over the pixels of all processes. One view alone (MDC) has the
    one term L(z1, y1, mu1).

    Args:
        rule: Score of a point against a centroid: 'euclidean' (default; the rule the
            labels are made by), 'dot' (released code), 'cosine' (the paper's eq. 3).
        temperature: Divisor of the scores.
        cluster_weight: Weight of a pixel by its cluster: 'none'; 'frequency', the
            cluster's share of all pixels (released; big clusters grow,
            docs/reference.md R4); 'inverse_sqrt', one over the root of that share.
        within: Factor of the within-view terms.
        cross: Factor of the cross-view terms.
        cross_loss: What the cross-view terms are: 'clustering' (default) or 'mse', the
            mean of |z1 - z2|^2 over pixels in place of both of them (PiCIE's ablation;
            its weights are not published, so it counts as the two together). A model
            of one view refuses other values than the defaults of these two.

    Raises:
        InputError: If an option is unknown or ``temperature`` is not positive.
    """

    def __init__(
        self,
        rule: str = 'euclidean',
        temperature: float = 1.0,
        cluster_weight: str = 'none',
        within: float = 1.0,
        cross: float = 1.0,
        cross_loss: str = 'clustering',
    ) -> None:
        super().__init__()
        for name, value, allowed in (
            ('rule', rule, RULES),
            ('cluster_weight', cluster_weight, CLUSTER_WEIGHTS),
            ('cross_loss', cross_loss, CROSS_LOSSES),
        ):
            check_choice(f'ClusteringLoss.{name}', value, allowed)
        if temperature <= 0:
            raise InputError(
                f'ClusteringLoss.temperature must be > 0, got {temperature}'
            )
        self.rule = rule
        self.temperature = temperature
        self.cluster_weight = cluster_weight
        self.within = within
        self.cross = cross
        self.cross_loss = cross_loss

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
        centroids = clustering.centroids[view].detach().to(dtype)
        matrix, offset = score_map(centroids, self.rule)
        offset = None if offset is None else offset / self.temperature
        labels = clustering.labels[view]
        pixel_weight = self._pixel_weight(labels, clustering.cluster_sizes[view], dtype)
        return Target(
            matrix / self.temperature,
            offset,
            labels.masked_fill(labels == IGNORED, 0),
            pixel_weight,
        )

    def _pixel_weight(
        self, labels: Tensor, cluster_size: Tensor, dtype: torch.dtype
    ) -> Tensor:
        """Weight of each pixel by its label, 0 where it does not count, (M,)."""
        valid = labels != IGNORED
        pixel_weight = valid.to(dtype)
        weight = self.class_weight(cluster_size)
        if weight is not None:
            pixel_weight *= weight.to(dtype)[labels.masked_fill(~valid, 0)]
        return pixel_weight

    def forward(
        self, points: tuple[Tensor, ...], clusterings: Sequence[Clustering]
    ) -> dict[str, Tensor]:
        """Computes both parts of the loss, summed over the clusterings.

        The points are visited once for all clusterings (PiCIE+H has two).

        Args:
            points: Embeddings of view 1 and, where there is one, of view 2: (M, D),
                unit length; M may be 0 on some processes. Maps (N, D, h, w) with
                M = N h w serve as well and are not copied.
            clusterings: Labels and centroids of the same points.

        Returns:
            ``loss_within`` and, with two views, ``loss_cross``; their sum is L. Values
            are those of all processes together. Gradients are this process's share,
            scaled so that the average over processes (DDP) is the gradient of that
            value.
        """
        # Half precision would not do for the sums.
        points = [p if p.dtype == torch.float64 else p.float() for p in points]
        views = range(len(points))
        targets = [
            [self._target(clustering, view, points[0].dtype) for view in views]
            for clustering in clusterings
        ]
        # The weights follow from the labels alone: with their sums over all processes
        # known first, the pass over the points can make the final gradient.
        weights = [
            torch.stack([t.pixel_weight.sum(dtype=torch.float64) for t in row])
            for row in targets
        ]
        scales = process_scales(torch.stack(weights)) / len(points) ** 2
        crossing = self.cross_loss == 'clustering'
        within = cross = points[0].new_zeros((), dtype=torch.float64)
        for view in views:
            seen = views if crossing else (view,)
            # The factors of the parts are in here and not applied to the results, so
            # that the gradients coming back are equal in an ordinary training step.
            factors = torch.stack(
                [
                    scales[index, target]
                    * (item.factor * (self.within if target == view else self.cross))
                    for index, item in enumerate(clusterings)
                    for target in seen
                ]
            )
            shown = [row[target] for row in targets for target in seen]
            sums = cross_entropy_sums(points[view], shown, factors)
            for target, part in zip(seen, sums.view(len(targets), -1).sum(0)):
                if target == view:
                    within = within + part
                else:
                    cross = cross + part
        if len(points) == 2 and not crossing:
            cross = self._squared_distance(points, clusterings[0].labels)
        parts = over_processes(torch.stack([within, cross])).to(points[0].dtype)
        return dict(zip(('loss_within', 'loss_cross')[: len(points)], parts))

    def _squared_distance(self, points: Sequence[Tensor], labels: tuple) -> Tensor:
        """This process's share of the mean squared distance of the views, ()."""
        valid = (labels[0] != IGNORED) & (labels[1] != IGNORED)
        distances = (points[0] - points[1]).square().sum(1).flatten()
        # Half the loss, as the two cross-view terms of four.
        scale = self.cross * process_scales(valid.sum(dtype=torch.float64)) / 2
        return (distances * valid).sum(dtype=torch.float64) * scale

    def of_classifier(
        self,
        classify: Callable[[Tensor], Tensor],
        maps: Tensor,
        labels: Tensor,
        cluster_size: Tensor,
    ) -> Tensor:
        """Cross-entropy of a learned classifier (MDC), values as :meth:`forward`'s.

        Scores of many clusters are made a few images at a time, and again in the
        backward pass, so that memory does not grow with their number.

        Args:
            classify: Scores (n, K, h, w) of maps (n, D, h, w).
            maps: (N, D, h, w).
            labels: Cluster ids, (N h w,) int64, -1 where a pixel does not count.
            cluster_size: Points per cluster, (K,).

        Returns:
            ().
        """
        weight = self._pixel_weight(labels, cluster_size, maps.dtype)
        scale = process_scales(weight.sum(dtype=torch.float64))
        labels, weight = (t.view(len(maps), *maps.shape[2:]) for t in (labels, weight))

        def part(maps: Tensor, labels: Tensor, weight: Tensor) -> Tensor:
            scores = classify(maps) / self.temperature
            losses = F.cross_entropy(
                scores, labels, ignore_index=IGNORED, reduction='none'
            )
            return (losses * weight).sum(dtype=torch.float64)

        most = max(1, KEPT_SCORES // (len(cluster_size) * max(1, labels[:1].numel())))
        if len(maps) <= most:
            value = part(maps, labels, weight)
        else:
            chunks = zip(*(t.split(most) for t in (maps, labels, weight)), strict=True)
            value = sum(checkpoint(part, *c, use_reentrant=False) for c in chunks)
        return over_processes(value * scale).to(maps.dtype)
