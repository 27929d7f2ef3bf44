"""Training pixels chosen by their labels, for comparing with what did so."""

import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS

from ...errors import InputError
from ..label_maps import IGNORE


@TRANSFORMS.register_module()
class IgnoreUnlabeledPixels(BaseTransform):
    """Leaves out of the training all pixels whose label is none of the classes.

    THIS USES LABELS. The published training of IIC on COCO-Stuff did so: it saw the
    pixels of the classes that it was scored on and no others. No config of this package
    has the step; a result with it is to be called one that knows where the classes are.

    It goes after ``LoadAnnotations`` and ``RemapLabels`` and before ``PairedViews``, in
    the pipeline of a training data set whose ``data_prefix`` has ``seg_map_path``.

    Raises:
        InputError: If no label was loaded.
    """

    def transform(self, results: dict) -> dict:
        """Adds the pixels of label 255 to ``ignore_mask``, (H, W) bool."""
        labels = results.get('gt_seg_map')
        if labels is None:
            raise InputError(
                'IgnoreUnlabeledPixels needs labels: give the training data set a '
                'data_prefix.seg_map_path, and put LoadAnnotations and RemapLabels '
                'before it in the pipeline'
            )
        unlabeled = labels == IGNORE
        results['ignore_mask'] = np.logical_or(
            results.get('ignore_mask', False), unlabeled
        )
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'
