"""Accuracy and IoU of clusters matched to classes."""

from pathlib import Path

import numpy as np
from mmengine.logging import MMLogger
from mmseg.registry import METRICS
from prettytable import PrettyTable

from ..checkpoints import check_matching_source, read_matching
from ..errors import InputError
from ..models import cluster_meta
from ..scores import (
    MatchedScores,
    adjusted_rand_index,
    confusion_matrix,
    hungarian_match,
    majority_match,
    match_image,
    matched_scores,
    normalized_mutual_information,
    per_image_scores,
    purity,
)
from .cluster_count_metric import ClusterCountMetric, image_name, to_map
from .naming_scores import PER_IMAGE
from .partition_metrics import DEFINITIONS, partition_metrics

HERE = 'the evaluated images'


@METRICS.register_module()
class HungarianIoUMetric(ClusterCountMetric):
    """Scores cluster ids against class maps under the best matching (PiCIE, sec. 4).

    ``aAcc``, ``mIoU`` and ``mAcc`` (percent) are one-to-one: pixels of a cluster that
    is left over (K > C) are misses of their class and false positives of none; a class
    that is left over (K < C) scores 0. ``aAcc_majority`` and ``mIoU_majority`` give
    each cluster its most frequent class. Classes without a true pixel are left out of
    the means and named in the log. The matching is fitted on the evaluated images,
    unless ``matching`` names one that was fitted on other images.

    ``NMI``, ``ARI`` and ``purity`` (percent as well) need no matching. If the data set
    names groups of classes in ``metainfo['partitions']``, ``aAcc`` and ``mIoU`` of each
    are added in two definitions, ``mIoU_things`` and ``mIoU_things_block``; see
    :func:`~mmseg_picie.scores.partition_scores` and
    :func:`~mmseg_picie.scores.partition_block_scores`.

    Args:
        ignore_index: Class id of pixels that do not count.
        figures_dir: Folder of ``matching.json``: protocol, centroids, classes, palette,
            cluster_to_class, what it was fitted on, confusion (classes x clusters) and
            metrics. None writes no file.
        protocol: What is measured, in words; see ``ClusterCountMetric``.
        collect_device: As mmengine's.
        prefix: Put before the metric names.
        matching: ``matching.json`` of an evaluation of the same centroids on other
            images, whose two cluster-to-class maps are used as they are. A cluster
            that met no class there has none here. None fits both on the evaluated
            images.
        per_image: Whether to add ``aAcc_per_image``, ``mIoU_per_image`` and the same
            with ``_per_image_majority``: the clusters of each image are matched to the
            classes on that image, one to one or by majority. It is another protocol
            than the other figures, whatever ``matching`` is.

    Raises:
        MissingFileError: If ``matching`` does not exist.
        InputError: If ``matching`` is no such file; when evaluating, if it is of other
            centroids, another number of clusters or other classes.

    Examples:
        >>> counts = np.array([[0, 3], [4, 1]])  # pixels by class and cluster
        >>> metrics = HungarianIoUMetric(prefix='val').compute_metrics(counts)
        >>> metrics['aAcc'], metrics['mIoU']
        (87.5, 77.5)
    """

    file_name = 'matching.json'

    def __init__(
        self,
        ignore_index: int = 255,
        figures_dir: str | None = None,
        protocol: str = 'not stated',
        collect_device: str = 'cpu',
        prefix: str | None = None,
        matching: str | None = None,
        per_image: bool = False,
    ) -> None:
        super().__init__(protocol, figures_dir, collect_device, prefix)
        self.ignore_index = ignore_index
        self.matches = PER_IMAGE if per_image else {}
        self.matching = matching
        self._stored = None if matching is None else read_matching(Path(matching))

    @property
    def classes(self) -> list[str]:
        """Class names of the data set.

        Raises:
            InputError: If the data set has none.
        """
        classes = (self.dataset_meta or {}).get('classes')
        if not classes:
            raise InputError(
                "HungarianIoUMetric needs dataset_meta['classes'], and the data set "
                'names no classes: use ClusterStatisticsMetric for images without '
                'annotations'
            )
        return list(classes)

    @property
    def partitions(self) -> dict[str, list[int]]:
        """Class ids of each group that the data set names; empty if it names none."""
        partitions = (self.dataset_meta or {}).get('partitions') or {}
        return {name: list(group) for name, group in partitions.items()}

    @property
    def fitted_on(self) -> str:
        """The images that the matching was fitted on, in words."""
        if self._stored is None:
            return HERE
        # The stored map may itself come from a third set of images.
        origin = self._stored.get('fitted_on', HERE)
        if origin != HERE:
            return origin
        return f'the images of {self.matching}: {self._stored["protocol"]}'

    def describe_protocol(self) -> str:
        """The protocol and what the matching was fitted on."""
        return f'{super().describe_protocol()}; matching fitted on {self.fitted_on}'

    def count_shape(self, num_clusters: int) -> tuple[int, ...]:
        """(C, K), and C + 1 more columns for each matching of images."""
        classes = len(self.classes)
        return classes, num_clusters + len(self.matches) * (classes + 1)

    def count(
        self, clusters: np.ndarray, data_sample: dict, num_clusters: int
    ) -> np.ndarray:
        """Pixels by class and cluster; beside it those of :func:`match_image`."""
        name = image_name(data_sample)
        if 'gt_sem_seg' not in data_sample:
            raise InputError(
                f'{name} has no annotation (gt_sem_seg): add LoadAnnotations to the '
                'test pipeline, or use ClusterStatisticsMetric'
            )
        try:
            counts = confusion_matrix(
                to_map(data_sample['gt_sem_seg']),
                clusters,
                len(self.classes),
                num_clusters,
                self.ignore_index,
            )
        except ValueError as error:
            raise InputError(f'annotation of {name}: {error}') from error
        own = [match_image(counts, match) for match in self.matches.values()]
        return np.hstack([counts, *own])

    def compute_metrics(self, results: np.ndarray) -> dict[str, float]:
        """Scores under all matchings, percent; ``results`` as ``count_shape``."""
        results, own = self._divide(results)
        cluster_to_class, majority_map = self._matchings(results)
        matched = matched_scores(results, cluster_to_class)
        majority = matched_scores(results, majority_map)
        return dict(
            aAcc=matched.aAcc,
            mIoU=matched.mIoU,
            mAcc=matched.mAcc,
            aAcc_majority=majority.aAcc,
            mIoU_majority=majority.mIoU,
            NMI=normalized_mutual_information(results),
            ARI=adjusted_rand_index(results),
            purity=purity(results),
            **partition_metrics(results, cluster_to_class, self.partitions),
            **own,
        )

    def report(self, counts: np.ndarray, metrics: dict[str, float]) -> dict:
        """Logs the per-class table and returns the content of ``matching.json``."""
        classes = self.classes
        counts, _ = self._divide(counts)
        cluster_to_class, majority_map = self._matchings(counts)
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
        stored = dict(
            fitted_on=self.fitted_on,
            classes=classes,
            palette=np.asarray(palette).tolist(),
            absent_classes=absent,
            cluster_to_class=cluster_to_class.tolist(),
            cluster_to_class_majority=majority_map.tolist(),
            confusion=counts.tolist(),
        )
        if self.partitions:
            stored.update(partitions=self.partitions, partition_definitions=DEFINITIONS)
            lines = [f'{names}: {text}' for names, text in DEFINITIONS.items()]
            empty = [name for name in self.partitions if f'mIoU_{name}' not in metrics]
            if empty:
                lines.append(f'no pixel, hence no figures: {", ".join(empty)}')
            listed = '\n'.join(lines)
            logger.info(f'groups of classes {", ".join(self.partitions)}\n{listed}')
        return stored

    def _divide(self, counts: np.ndarray) -> tuple[np.ndarray, dict[str, float]]:
        """Pixels by class and cluster, (C, K), and the metrics of images' matchings."""
        width = len(counts) + 1
        split = counts.shape[1] - len(self.matches) * width
        metrics = {}
        for number, method in enumerate(self.matches):
            start = split + number * width
            scores = per_image_scores(counts[:, start : start + width])
            metrics[f'aAcc_{method}'] = scores.aAcc
            metrics[f'mIoU_{method}'] = scores.mIoU
        return counts[:, :split], metrics

    def _matchings(self, confusion: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Class of each cluster, one-to-one and by majority, (K,) each."""
        if self._stored is None:
            return hungarian_match(confusion), majority_match(confusion)
        names = ('cluster_to_class', 'cluster_to_class_majority')
        one_to_one, majority = (np.array(self._stored[name]) for name in names)
        return one_to_one, majority

    def _check_source(self, data_sample: dict) -> int:
        num_clusters = super()._check_source(data_sample)
        if self._stored is None:
            return num_clusters
        check_matching_source(
            self._stored,
            Path(self.matching),
            num_clusters,
            self.centroids,
            'the evaluated model',
        )
        if self._stored['classes'] != self.classes:
            raise InputError(
                f'{self.matching} is of the classes {self._stored["classes"]}, the '
                f'evaluated data set has {self.classes}: use a matching of the same '
                'classes in the same order'
            )
        return num_clusters


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
