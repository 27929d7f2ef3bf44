"""What metrics on cluster ids share: exact integer counts over all processes."""

from abc import abstractmethod
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from mmengine.dist import all_reduce, is_main_process
from mmengine.evaluator import BaseMetric
from mmengine.logging import MMLogger

from ..datasets import full_protocol
from ..errors import InputError
from ..files import write_json


class ClusterCountMetric(BaseMetric):
    """A metric whose whole state is int64 counts of pixels and of samples.

    mmengine gathers results of samples and drops those that a sampler repeated. Counts
    cannot be dropped, so a repeated sample is an error. Sums of integers are exact on
    any number of processes. The metadata of each data sample holds its number of
    clusters (``num_clusters``), where the centroids come from (``centroids``) and how
    its mask was refined by the image (``refinement``) and whether scores were averaged
    with those of its mirror image (``flip_average``).

    Args:
        protocol: What is measured, in words: the images, and what was trained on. It
            is logged and stored with the figures. The data set's pipeline adds what
            the network sees of an image.
        figures_dir: Folder of ``file_name``; None writes no file, unless a run's
            ``ManifestHook`` names one. (``output_dir`` is mmseg's word for masks.)
        collect_device: As mmengine's; counts go where the backend needs them.
        prefix: Put before the metric names.
    """

    file_name: str

    def __init__(
        self,
        protocol: str = 'not stated',
        figures_dir: str | None = None,
        collect_device: str = 'cpu',
        prefix: str | None = None,
    ) -> None:
        super().__init__(collect_device=collect_device, prefix=prefix)
        self.protocol = protocol
        self.figures_dir = figures_dir
        self._reset()

    # --- what a metric adds -----------------------------------------------------

    @abstractmethod
    def count_shape(self, num_clusters: int) -> tuple[int, ...]:
        """Shape of the counts."""

    @abstractmethod
    def count(
        self, clusters: np.ndarray, data_sample: dict, num_clusters: int
    ) -> np.ndarray:
        """Counts of one sample, int64; ``clusters`` are ids in [0, K), (H, W)."""

    @abstractmethod
    def compute_metrics(self, results: np.ndarray) -> dict[str, float]:
        """Metrics from the counts of all samples; called on every process."""

    @abstractmethod
    def report(self, counts: np.ndarray, metrics: dict[str, float]) -> dict:
        """Logs tables and returns what to store; called on the main process."""

    def describe_protocol(self) -> str:
        """The protocol as the log and the figures state it."""
        return self._full_protocol()

    # --- what mmengine calls ----------------------------------------------------

    def process(self, data_batch: dict | None, data_samples: Sequence[dict]) -> None:
        """Counts a batch.

        Args:
            data_batch: Not used.
            data_samples: Model outputs as dicts with ``pred_sem_seg``.

        Raises:
            InputError: If a sample does not hold cluster ids, or of another model.
        """
        for data_sample in data_samples:
            num_clusters = self._check_source(data_sample)
            clusters = to_map(data_sample['pred_sem_seg'])
            if clusters.size and not 0 <= clusters.min() <= clusters.max() < (
                num_clusters
            ):
                raise InputError(
                    f'the prediction of {image_name(data_sample)} holds ids from '
                    f'{clusters.min()} to {clusters.max()}, expected [0, '
                    f'{num_clusters}) as its num_clusters says'
                )
            counts = self.count(clusters, data_sample, num_clusters)
            self._counts = counts if self._counts is None else self._counts + counts
            self._num_samples += 1

    def evaluate(self, size: int) -> dict[str, float]:
        """Sums the counts of all processes and computes the metrics.

        Args:
            size: Samples in the data set.

        Returns:
            Metrics by name, with the prefix.

        Raises:
            InputError: If the processes did not see each sample once, or models of
                different K.
        """
        try:
            counts = self._sum_over_processes(size)
            metrics = self.compute_metrics(counts)
            if is_main_process():
                logger = MMLogger.get_current_instance()
                logger.info(
                    f'{type(self).__name__}: {size} images, {self.num_clusters} '
                    f'clusters ({self.centroids or "centroids not named"}), protocol: '
                    f'{self.describe_protocol()}'
                )
                stored = self.report(counts, metrics)
                if self.figures_dir is not None:
                    path = Path(self.figures_dir) / self.file_name
                    write_json(path, dict(self._source(), **stored, metrics=metrics))
                    logger.info(f'Figures are stored in {path}')
        finally:
            self._reset()
        if self.prefix:
            return {f'{self.prefix}/{name}': value for name, value in metrics.items()}
        return metrics

    # --- inside -----------------------------------------------------------------

    def _reset(self) -> None:
        self._counts: np.ndarray | None = None
        self._num_samples = 0
        self.num_clusters: int | None = None
        self.centroids: str | None = None
        self.refinement: str | None = None
        self.flip_average = False

    def _full_protocol(self) -> str:
        stated = full_protocol(self.protocol, self.dataset_meta)
        if self.flip_average:
            stated += ', scores averaged with those of mirror images'
        if self.refinement is not None:
            stated += f', masks refined by {self.refinement}'
        return stated

    def _source(self) -> dict:
        return dict(
            protocol=self._full_protocol(),
            centroids=self.centroids,
            num_clusters=self.num_clusters,
        )

    def _check_source(self, data_sample: dict) -> int:
        if 'num_clusters' not in data_sample:
            raise InputError(
                f'{type(self).__name__}: the prediction of {image_name(data_sample)} '
                'does not hold cluster ids (no num_clusters in its metadata): use '
                "IoUMetric for a model that predicts classes, or predict_as='clusters'"
            )
        num_clusters = int(data_sample['num_clusters'])
        source = data_sample.get('centroids')
        if self._num_samples and (num_clusters, source) != (
            self.num_clusters,
            self.centroids,
        ):
            raise InputError(
                f'{image_name(data_sample)} was predicted with {num_clusters} clusters '
                f'({source}), the samples before it with {self.num_clusters} '
                f'({self.centroids}): evaluate one model at a time'
            )
        self.num_clusters, self.centroids = num_clusters, source
        self.refinement = data_sample.get('refinement')
        self.flip_average = bool(data_sample.get('flip_average'))
        return num_clusters

    def _sum_over_processes(self, size: int) -> np.ndarray:
        num_samples = torch.tensor([self._num_samples])
        all_reduce(num_samples)
        seen = int(num_samples)
        if seen != size:
            raise InputError(
                f'{seen} samples were evaluated but the data set has {size}: the '
                'sampler repeats or drops images; set sampler=dict(type='
                "'DefaultSampler', shuffle=False, round_up=False) in the dataloader"
            )
        if not size:
            raise InputError('there is nothing to evaluate: the data set is empty')
        # A process without samples learns K from the others. The two maxima are the
        # largest K and the negative of the smallest.
        known = self.num_clusters
        limits = torch.tensor([0, -(1 << 62)] if known is None else [known, -known])
        all_reduce(limits, 'max')
        num_clusters = int(limits[0])
        if num_clusters != -int(limits[1]):
            raise InputError(
                f'processes evaluated models of {-int(limits[1])} and {num_clusters} '
                'clusters: load the same checkpoint on each'
            )
        self.num_clusters = num_clusters
        counts = self._counts
        if counts is None:
            counts = np.zeros(self.count_shape(num_clusters), dtype=np.int64)
        total = torch.from_numpy(counts)
        all_reduce(total)
        return total.numpy()


def to_map(field: dict) -> np.ndarray:
    """The ids in a ``PixelData`` dict, (1, H, W) or (H, W), as an (H, W) array."""
    ids = field['data']
    return ids.reshape(ids.shape[-2:]).cpu().numpy()


def image_name(data_sample: dict) -> str:
    """How errors name a sample."""
    return str(data_sample.get('img_path', 'an image without img_path'))
