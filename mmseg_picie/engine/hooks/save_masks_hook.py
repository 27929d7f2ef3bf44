"""SaveMasksHook: the predicted masks of a test as files."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS
from mmseg.structures import SegDataSample

from ...datasets import leaves, output_names
from ...files import encode_id_png, write_whole
from ...models import cluster_meta, distinct_palette

MOST_COLORS = 256  # of an indexed PNG


@HOOKS.register_module()
class SaveMasksHook(Hook):
    """Writes the predicted ids of every test image as a PNG, shown in colors.

    The values of a file are the ids; a viewer shows clusters in their own colors and
    classes in those of the data set. Files of more than 256 clusters are 16-bit gray.
    Files are named by :func:`~mmseg_picie.datasets.output_names`; mmseg's
    ``IoUMetric`` names them by the image's name alone, so that ``a/0.jpg`` and
    ``b/0.jpg`` would share one. Like mmseg, it adds 1 where the data set has
    ``reduce_zero_label``.

    Args:
        output_dir: Folder to write to.
    """

    priority = 'LOW'

    def __init__(self, output_dir: str) -> None:
        self.output_dir = Path(output_dir)

    def before_test(self, runner: Runner) -> None:
        """Names the files and looks up the colors of the classes."""
        dataset = runner.test_loop.dataloader.dataset
        self._names = output_names(dataset)
        meta = getattr(next(leaves(dataset)), 'metainfo', None) or {}
        self._colors = meta.get('palette') or distinct_palette(MOST_COLORS - 1)

    def after_test_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict | None = None,
        outputs: Sequence[SegDataSample] | None = None,
    ) -> None:
        """Writes the masks of a batch.

        Raises:
            OSError: If a file cannot be written.
        """
        for sample in outputs or ():
            mask = sample.pred_sem_seg.data.squeeze(0).cpu().numpy()
            clusters = sample.get('num_clusters', 0)
            colors = cluster_meta(clusters)['palette'] if clusters else self._colors
            if sample.get('reduce_zero_label', False):
                mask = mask + 1
                colors = [[0, 0, 0], *colors]
            mask = mask.astype(np.uint16 if clusters > MOST_COLORS else np.uint8)
            path = self.output_dir / f'{self._names[sample.img_path]}.png'
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, encode_id_png(mask, colors))

    def after_test(self, runner: Runner) -> None:
        """Says where they are."""
        count = len(self._names)
        runner.logger.info(f'Masks of {count} images are stored in {self.output_dir}')
