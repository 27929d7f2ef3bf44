"""mmseg's visualizer for masks of clusters."""

import cv2
import mmcv
import numpy as np
import torch
from mmengine.dist import master_only
from mmengine.structures import BaseDataElement, PixelData
from mmseg.registry import VISUALIZERS
from mmseg.visualization import SegLocalVisualizer

from ..models import cluster_meta
from ..views import base_frame, resize
from .display_image import fit_size, sample, show_image
from .id_counts import count_ids
from .legend import legend
from .overlay import SMALLEST


@VISUALIZERS.register_module()
class ClusterLocalVisualizer(SegLocalVisualizer):
    """Draws predicted clusters under their own names and colors.

    mmseg draws a prediction with the data set's classes: cluster 3 would appear as
    class 3, and ids beyond the last class not at all. Samples that say
    ``num_clusters`` are drawn as cluster_0 ... beside the truth in its own classes;
    all others as mmseg does. An image of which only the center square was evaluated
    (``frame='center'`` in the sample's metadata) is cut to that square.

    Names stand in a legend below, where mmseg writes them over the image; small images
    are enlarged so that it fits.
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
        draw = self._with_legend if with_labels else self._without_names
        drawn = np.concatenate(
            _equally_high([draw(image, mask, meta) for mask, meta in panels]), axis=1
        )
        if show:
            self.show(drawn, win_name=name, wait_time=wait_time)
        if out_file is not None:
            mmcv.imwrite(mmcv.rgb2bgr(drawn), out_file)
        else:
            self.add_image(name, drawn, step)

    def _without_names(
        self, image: np.ndarray, mask: PixelData, meta: dict
    ) -> np.ndarray:
        return self._draw_sem_seg(image, mask, meta['classes'], meta['palette'], False)

    def _with_legend(
        self, image: np.ndarray, mask: PixelData, meta: dict
    ) -> np.ndarray:
        ids = mask.data.squeeze(0).cpu().numpy()
        size = fit_size(ids.shape, SMALLEST, max(SMALLEST, *ids.shape))
        larger = PixelData(data=torch.from_numpy(sample(ids, size))[None])
        drawn = self._without_names(show_image(image, size), larger, meta)
        classes, palette = meta['classes'], meta['palette']
        areas = {i: n for i, n in count_ids(ids).items() if i < len(classes)}
        below = legend(areas, classes, palette, size[1], ids.size)
        return np.concatenate([drawn, below[..., ::-1]])


def _equally_high(pictures: list[np.ndarray]) -> list[np.ndarray]:
    """Pictures with white below them."""
    height = max(len(picture) for picture in pictures)
    return [
        cv2.copyMakeBorder(
            picture,
            *(0, height - len(picture), 0, 0),
            cv2.BORDER_CONSTANT,
            value=[255] * 3,
        )
        for picture in pictures
    ]
