"""Figures of a clustering that need no annotation."""

import math

import cv2
import numpy as np
from mmengine.logging import MMLogger
from mmseg.registry import METRICS

from ..views import resize
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

    Pixels that ``LoadIgnoreMask`` marked do not count. With ``figures_dir`` the figures
    are stored in ``cluster_statistics.json``.
    """

    file_name = 'cluster_statistics.json'

    def count_shape(self, num_clusters: int) -> tuple[int, ...]:
        """(K + 2,): cluster sizes, boundary pairs, all pairs."""
        return (num_clusters + 2,)

    def count(
        self, clusters: np.ndarray, data_sample: dict, num_clusters: int
    ) -> np.ndarray:
        """Sizes and neighbor pairs of one map, (K + 2,)."""
        valid = valid_pixels(data_sample, clusters.shape)
        counts = np.zeros(num_clusters + 2, dtype=np.int64)
        counts[:-2] = np.bincount(clusters[valid], minlength=num_clusters)
        across = (slice(None), slice(1, None)), (slice(None), slice(None, -1))
        down = (slice(1, None),), (slice(None, -1),)
        for here, there in (across, down):
            both = valid[here] & valid[there]
            counts[-2] += np.count_nonzero((clusters[here] != clusters[there]) & both)
            counts[-1] += np.count_nonzero(both)
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


def valid_pixels(data_sample: dict, shape: tuple[int, int]) -> np.ndarray:
    """Pixels of a prediction that count, (H, W) bool.

    Args:
        data_sample: With ``ignore_mask``, at the size of the network's input, if some
            pixels do not count.
        shape: (height, width) of the prediction.
    """
    mask = data_sample.get('ignore_mask')
    if mask is None:
        return np.ones(shape, bool)
    mask = np.asarray(mask, np.uint8)
    return resize(mask, shape, cv2.INTER_NEAREST_EXACT) == 0
