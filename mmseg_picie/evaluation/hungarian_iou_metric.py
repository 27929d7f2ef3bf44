"""Accuracy and IoU of clusters matched to classes."""

import numpy as np
from mmengine.logging import MMLogger
from mmseg.registry import METRICS
from prettytable import PrettyTable

from ..clustering import (
    MatchedScores,
    cluster_meta,
    confusion_matrix,
    hungarian_match,
    majority_match,
    matched_scores,
)
from .cluster_count_metric import ClusterCountMetric, image_name, to_map


@METRICS.register_module()
class HungarianIoUMetric(ClusterCountMetric):
    """Scores cluster ids against class maps under the best matching (PiCIE, sec. 4).

    ``aAcc``, ``mIoU`` and ``mAcc`` (percent) are one-to-one: pixels of a cluster that
    is left over (K > C) are misses of their class and false positives of none; a class
    that is left over (K < C) scores 0. ``aAcc_majority`` and ``mIoU_majority`` give
    each cluster its most frequent class. Classes without a true pixel are left out of
    the means and named in the log. The matching is fitted on the evaluated images.

    Args:
        ignore_index: Class id of pixels that do not count.
        output_dir: Folder of ``matching.json``: protocol, centroids, classes, palette,
            cluster_to_class, confusion (classes x clusters) and metrics. None writes
            no file.
        protocol: What is measured, in words: images, resolution, matching set.
        collect_device: As mmengine's.
        prefix: Put before the metric names.
    """

    file_name = 'matching.json'

    def __init__(
        self,
        ignore_index: int = 255,
        output_dir: str | None = None,
        protocol: str = 'not stated',
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ) -> None:
        super().__init__(protocol, output_dir, collect_device, prefix)
        self.ignore_index = ignore_index

    @property
    def classes(self) -> list[str]:
        """Class names of the data set.

        Raises:
            ValueError: If the data set has none.
        """
        classes = (self.dataset_meta or {}).get('classes')
        if not classes:
            raise ValueError(
                "HungarianIoUMetric needs dataset_meta['classes'], and the data set "
                'names no classes: use ClusterStatisticsMetric for images without '
                'annotations'
            )
        return list(classes)

    def count_shape(self, num_clusters: int) -> tuple[int, ...]:
        """(C, K)."""
        return len(self.classes), num_clusters

    def count(
        self, clusters: np.ndarray, data_sample: dict, num_clusters: int
    ) -> np.ndarray:
        """Pixels by class and cluster, (C, K)."""
        name = image_name(data_sample)
        if 'gt_sem_seg' not in data_sample:
            raise ValueError(
                f'{name} has no annotation (gt_sem_seg): add LoadAnnotations to the '
                'test pipeline, or use ClusterStatisticsMetric'
            )
        try:
            return confusion_matrix(
                to_map(data_sample['gt_sem_seg']),
                clusters,
                *self.count_shape(num_clusters),
                self.ignore_index,
            )
        except ValueError as error:
            raise ValueError(f'annotation of {name}: {error}') from error

    def compute_metrics(self, results: np.ndarray) -> dict[str, float]:
        """Scores under both matchings, percent; ``results`` is (C, K)."""
        matched = matched_scores(results, hungarian_match(results))
        majority = matched_scores(results, majority_match(results))
        return dict(
            aAcc=matched.aAcc,
            mIoU=matched.mIoU,
            mAcc=matched.mAcc,
            aAcc_majority=majority.aAcc,
            mIoU_majority=majority.mIoU,
        )

    def report(self, counts: np.ndarray, metrics: dict[str, float]) -> dict:
        """Logs the per-class table and returns the content of ``matching.json``."""
        classes = self.classes
        cluster_to_class = hungarian_match(counts)
        scores = matched_scores(counts, cluster_to_class)
        absent = [classes[index] for index in np.flatnonzero(np.isnan(scores.iou))]
        logger = MMLogger.get_current_instance()
        logger.info(
            f'per class results:\n{per_class_table(classes, scores, cluster_to_class)}'
        )
        if absent:
            logger.info(
                f'{len(absent)} of {len(classes)} classes never occur and are left out '
                f'of the means: {", ".join(absent)}'
            )
        palette = self.dataset_meta.get('palette')
        if not palette:
            palette = cluster_meta(len(classes))['palette']
        return dict(
            classes=classes,
            palette=np.asarray(palette).tolist(),
            absent_classes=absent,
            cluster_to_class=cluster_to_class.tolist(),
            cluster_to_class_majority=majority_match(counts).tolist(),
            confusion=counts.tolist(),
        )


def per_class_table(
    classes: list[str], scores: MatchedScores, cluster_to_class: np.ndarray
) -> str:
    """Class, IoU, Acc (percent) and matched cluster, '-' where there is none."""
    table = PrettyTable(['Class', 'IoU', 'Acc', 'Cluster'])
    table.align['Class'] = 'l'
    for index, name in enumerate(classes):
        figures = [
            '-' if np.isnan(value) else f'{value:.2f}'
            for value in (scores.iou[index], scores.acc[index])
        ]
        clusters = np.flatnonzero(cluster_to_class == index).tolist()
        table.add_row([name, *figures, ', '.join(map(str, clusters)) or '-'])
    return table.get_string()
