"""Figures of a clustering that need no annotation."""

import math

import numpy as np
from mmengine.logging import MMLogger
from mmseg.registry import METRICS

from .cluster_count_metric import ClusterCountMetric


@METRICS.register_module()
class ClusterStatisticsMetric(ClusterCountMetric):
    """How evenly and how coherently images are divided into clusters.

    None of the figures says how good a clustering is; they show a collapse (few
    clusters used, one of them large) or noise (many boundaries):

    - ``used_clusters``: clusters with at least one pixel;
    - ``entropy``: of the cluster sizes, percent of its largest value log K;
    - ``largest_share``: of the largest cluster, percent of the pixels;
    - ``boundary_rate``: horizontally or vertically neighboring pixels in different
      clusters, percent of all such pairs.

    With ``output_dir`` they are stored in ``cluster_statistics.json``.
    """

    file_name = 'cluster_statistics.json'

    def count_shape(self, num_clusters: int) -> tuple[int, ...]:
        """(K + 2,): cluster sizes, boundary pairs, all pairs."""
        return (num_clusters + 2,)

    def count(
        self, clusters: np.ndarray, data_sample: dict, num_clusters: int
    ) -> np.ndarray:
        """Sizes and neighbor pairs of one map, (K + 2,)."""
        counts = np.zeros(num_clusters + 2, dtype=np.int64)
        counts[:-2] = np.bincount(clusters.ravel(), minlength=num_clusters)
        for here, there in (
            (clusters[:, 1:], clusters[:, :-1]),
            (clusters[1:], clusters[:-1]),
        ):
            counts[-2] += np.count_nonzero(here != there)
            counts[-1] += here.size
        return counts

    def compute_metrics(self, results: np.ndarray) -> dict[str, float]:
        """The four figures; ``results`` is (K + 2,)."""
        sizes, boundary, pairs = results[:-2], int(results[-2]), int(results[-1])
        share = sizes[sizes > 0] / sizes.sum()
        entropy = (share * np.log(1 / share)).sum() / math.log(max(len(sizes), 2))
        return dict(
            used_clusters=int((sizes > 0).sum()),
            entropy=float(100 * entropy),
            largest_share=float(100 * share.max()),
            boundary_rate=100 * boundary / max(pairs, 1),
        )

    def report(self, counts: np.ndarray, metrics: dict[str, float]) -> dict:
        """Logs the cluster shares and returns the sizes."""
        sizes = counts[:-2]
        shares = ', '.join(f'{100 * size / sizes.sum():.2f}' for size in sizes)
        MMLogger.get_current_instance().info(f'cluster shares in percent: {shares}')
        return dict(cluster_size=sizes.tolist())
