"""Within- and cross-view clustering loss."""

import torch
import torch.nn.functional as F
from mmengine.dist import all_reduce, get_world_size
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...clustering import RULES, cluster_scores

CLUSTER_WEIGHTS = ('none', 'frequency', 'inverse_sqrt')


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
        return share.clamp(min=share[share > 0].min()).rsqrt()

    def _term(self, points: Tensor, labels: Tensor, centroids: Tensor, weight):
        """Weighted sum of the losses and sum of the weights, both ()."""
        scores = cluster_scores(points, centroids, self.rule) / self.temperature
        total = F.cross_entropy(
            scores, labels, weight, ignore_index=-1, reduction='sum'
        )
        valid = labels >= 0
        if weight is None:
            return total, valid.sum().to(total)
        return total, (weight[labels.clamp(min=0)] * valid).sum()

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
            labels: Cluster ids, (M,) int64, -1 where a pixel does not count.
            centroids: (K, D), constant.
            cluster_sizes: Points per cluster, (K,).

        Returns:
            ``loss_within`` and ``loss_cross``; their sum is L. Values are those of
            all processes together; gradients are this process's share, scaled so
            that the average over processes (DDP) is the gradient of that value.
        """
        weights = [self.class_weight(size) for size in cluster_sizes]
        sums, norms = [], []
        for view, target in ((0, 0), (1, 1), (0, 1), (1, 0)):
            total, norm = self._term(
                points[view].float(), labels[target], centroids[target], weights[target]
            )
            sums.append(total)
            norms.append(norm)
        sums, norms = torch.stack(sums), torch.stack(norms)
        reduced = torch.stack([sums.detach(), norms.detach()]).double()
        all_reduce(reduced)
        # A term without any pixel is 0, not 0 / 0.
        norm = torch.where(reduced[1] > 0, reduced[1], 1.0).to(sums)
        terms = sums * (get_world_size() / norm)
        terms = terms + (reduced[0].to(sums) / norm - terms).detach()
        within, cross = terms[:2].sum() / 4, terms[2:].sum() / 4
        return dict(loss_within=self.within * within, loss_cross=self.cross * cross)
