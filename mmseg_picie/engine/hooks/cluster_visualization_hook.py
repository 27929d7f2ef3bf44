"""ClusterVisualizationHook: one picture for every image."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import mmcv
import mmengine.fileio as fileio
import numpy as np
from mmengine.runner import Runner
from mmseg.engine import SegVisualizationHook
from mmseg.registry import HOOKS
from mmseg.structures import SegDataSample

from ...datasets import IMAGE_KEY, output_names, read_mat


@HOOKS.register_module()
class ClusterVisualizationHook(SegVisualizationHook):
    """mmseg's hook, with names that no two images share.

    mmseg names a picture by the image's name alone: ``a/0.jpg`` and ``b/0.jpg`` would
    overwrite each other.

    Args:
        out_dir: Folder of the pictures, ``<out_dir>/a/0.png`` for ``a/0.jpg``; None
            gives them to the visualizer's backends, as mmseg does.
        **kwargs: As for mmseg's ``SegVisualizationHook``.
    """

    def __init__(self, out_dir: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.out_dir = out_dir
        self._names: dict[str, str] = {}

    def before_val(self, runner: Runner) -> None:
        """Names the pictures."""
        self._name(runner.val_loop)

    def before_test(self, runner: Runner) -> None:
        """Names the pictures."""
        self._name(runner.test_loop)

    def _name(self, loop: Any) -> None:
        if self.draw:
            self._names = output_names(loop.dataloader.dataset)

    def _after_iter(
        self,
        runner: Runner,
        batch_idx: int,
        data_batch: dict,
        outputs: Sequence[SegDataSample],
        mode: str = 'val',
    ) -> None:
        """Draws the images of every ``interval``-th batch."""
        if not self.draw or mode == 'train':
            return
        if not self.every_n_inner_iters(batch_idx, self.interval):
            return
        for sample in outputs:
            name = self._names[sample.img_path]
            path = Path(self.out_dir) / f'{name}.png' if self.out_dir else None
            self._visualizer.add_datasample(
                f'{mode}_{name.replace(os.sep, "_")}',
                read_rgb(sample.img_path, self.backend_args),
                data_sample=sample,
                show=self.show,
                wait_time=self.wait_time,
                out_file=str(path) if path else None,
                step=runner.iter,
            )


def read_rgb(path: str, backend_args: dict | None) -> np.ndarray:
    """An image file, or the first three channels of a ``.mat`` patch, (H, W, 3) RGB."""
    if path.endswith('.mat'):
        return read_mat(path, IMAGE_KEY, backend_args)[..., :3]
    return mmcv.imfrombytes(
        fileio.get(path, backend_args=backend_args), channel_order='rgb'
    )
