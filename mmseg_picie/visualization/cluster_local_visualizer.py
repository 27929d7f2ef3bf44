"""mmseg's visualizer for masks of clusters."""

import mmcv
import numpy as np
from mmengine.dist import master_only
from mmengine.structures import BaseDataElement
from mmseg.registry import VISUALIZERS
from mmseg.visualization import SegLocalVisualizer

from ..models import cluster_meta
from ..views import base_frame, resize


@VISUALIZERS.register_module()
class ClusterLocalVisualizer(SegLocalVisualizer):
    """Draws predicted clusters under their own names and colors.

    mmseg draws a prediction with the data set's classes: cluster 3 would appear as
    class 3, and ids beyond the last class not at all. Samples that say
    ``num_clusters`` are drawn as cluster_0 ... beside the truth in its own classes;
    all others as mmseg does. An image of which only the center square was evaluated
    (``frame='center'`` in the sample's metadata) is cut to that square.
    """

    @master_only
    def add_datasample(
        self,
        name: str,
        image: np.ndarray,
        data_sample: BaseDataElement | None = None,
        draw_gt: bool = True,
        draw_pred: bool = True,
        show: bool = False,
        wait_time: float = 0,
        out_file: str | None = None,
        step: int = 0,
        with_labels: bool | None = True,
    ) -> None:
        """Draws truth (left) and prediction (right); arguments as mmseg's."""
        if data_sample is None:
            return
        panels = []
        meta = self.dataset_meta or {}
        if draw_gt and 'gt_sem_seg' in data_sample and meta.get('classes'):
            panels.append((data_sample.gt_sem_seg, meta))
        if draw_pred and 'pred_sem_seg' in data_sample:
            if 'num_clusters' in data_sample:
                meta = cluster_meta(data_sample.num_clusters)
            panels.append((data_sample.pred_sem_seg, meta))
        if not panels:
            return
        size = panels[-1][0].data.shape[-2:]
        if data_sample.get('frame') == 'center':
            image = resize(base_frame(image, 'center'), tuple(size))
        drawn = np.concatenate(
            [
                self._draw_sem_seg(
                    image, mask, meta['classes'], meta['palette'], with_labels
                )
                for mask, meta in panels
            ],
            axis=1,
        )
        if show:
            self.show(drawn, win_name=name, wait_time=wait_time)
        if out_file is not None:
            mmcv.imwrite(mmcv.rgb2bgr(drawn), out_file)
        else:
            self.add_image(name, drawn, step)
