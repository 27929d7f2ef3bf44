"""Labels of a folder of images, stored in whatever way."""

import os.path as osp

import numpy as np
from mmseg.datasets.transforms import LoadAnnotations
from mmseg.registry import TRANSFORMS

from ...errors import InputError
from ..label_sizes import size_message


@TRANSFORMS.register_module()
class LoadFolderLabels(LoadAnnotations):
    """Loads the label of an image of a folder, if it has one.

    For :class:`~mmseg_picie.datasets.ImageFolderDataset`.

    Takes the place of ``LoadAnnotations`` and ``RemapLabels``, after the image is
    loaded. Does nothing where the data set reads no labels, as in inference on a file.

    Raises:
        InputError: If the label does not lie on the image as it was loaded.
    """

    def __init__(self) -> None:
        super().__init__()

    def _load_seg_map(self, results: dict) -> None:
        """Adds ``gt_seg_map``, (H, W) uint8."""
        if 'label_folder' not in results:
            return
        results['gt_seg_map'] = load_folder_label(results)
        results['seg_fields'].append('gt_seg_map')

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'


def load_folder_label(results: dict) -> np.ndarray:
    """Class ids of a sample of ``ImageFolderDataset``, (H, W) uint8.

    Raises:
        InputError: If they do not lie on the image as it was loaded.
    """
    path = results['img_path']
    name = osp.relpath(path, results['img_dir'])
    labels = results['label_folder'].load(name)
    sizes = (tuple(results['ori_shape']), results['img'].shape[:2])
    if labels.shape not in sizes:
        label = results['label_folder'].label_path(name)
        raise InputError(size_message(label, labels.shape, path, sizes[0]))
    return labels
