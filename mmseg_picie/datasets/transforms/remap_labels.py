"""From the ids of an annotation file to classes."""

import os.path as osp

import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS
from PIL import Image

from ...errors import InputError
from ...files import ImageHeader, image_header, is_image_name, png_bit_depth
from ..label_maps import IGNORE
from ..label_sizes import exif_message, size_message
from .folder_labels import load_folder_label

OWN_FOLDER = (
    'check seg_map_suffix and encoding of the data set, or replace the file (labels of '
    "your own: type='ImageFolderDataset' with label_table_file or classes reads ids "
    'from 1, colors and 16 bits)'
)


@TRANSFORMS.register_module()
class RemapLabels(BaseTransform):
    """Maps ``gt_seg_map`` by the data set's ``label_table`` and checks its ids.

    Goes after ``LoadAnnotations``; does nothing where no label was loaded, as in
    inference on a file. Id 255 stays 255. The labels of an ``ImageFolderDataset`` are
    read anew, since ``LoadAnnotations`` keeps 8 bits and no palette.

    Raises:
        InputError: If the annotation has ids that its encoding lacks, more than one
            channel, 16 bits, another size than the image, no table is known, or the
            image is turned by its EXIF and nothing tells whether its annotation is.
    """

    def transform(self, results: dict) -> dict:
        """Replaces ``gt_seg_map``, (H, W) uint8."""
        if 'gt_seg_map' not in results:
            return results
        path = results.get('seg_map_path')
        if 'label_folder' in results:
            results['gt_seg_map'] = load_folder_label(results)
            return results
        if 'label_table' not in results:
            raise InputError(
                f'RemapLabels: no label_table comes with {path}; use a data set '
                'derived from OptionalLabelDataset, or take RemapLabels out'
            )
        labels, table = results['gt_seg_map'], results['label_table']
        if labels.ndim != 2:
            raise InputError(
                f'annotation {path} has shape {labels.shape}, expected one channel of '
                f'ids; {OWN_FOLDER}'
            )
        _check_lies_on_image(labels.shape, results)
        # LoadAnnotations keeps the low 8 bits: id 256 would pass as id 0.
        if path and png_bit_depth(path) == 16:
            raise InputError(
                f'annotation {path} has 16 bits per pixel, ids are 8 bits; {OWN_FOLDER}'
            )
        present = np.flatnonzero(np.bincount(labels.ravel(), minlength=256))
        unknown = [int(i) for i in present if i >= len(table) and i != IGNORE]
        if unknown:
            known = f'0-{len(table) - 1} and {IGNORE}' if table else f'{IGNORE}'
            raise InputError(
                f'annotation {path} has ids {unknown} outside the encoding ({known}); '
                f'{OWN_FOLDER}'
            )
        lookup = np.full(256, IGNORE, np.uint8)
        lookup[: len(table)] = table
        results['gt_seg_map'] = lookup[labels]
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'


def _check_lies_on_image(size: tuple[int, int], results: dict) -> None:
    """Refuses a label of another size, and one of an image that EXIF turns unseen."""
    path, image = results.get('seg_map_path'), results.get('img_path', 'as loaded')
    sizes = (tuple(results['ori_shape']), results['img'].shape[:2])
    header = _header(image)
    turned = header is not None and header.orientation > 1
    # Sides that are exchanged show by the sizes; other turns show nowhere.
    if size in sizes and not (turned and header.size == header.shown):
        return
    if turned:
        raise InputError(exif_message(path, image, header.orientation))
    raise InputError(size_message(path, size, image, sizes[0]))


def _header(image: str) -> ImageHeader | None:
    """Header of a local image file, None of what is none to Pillow."""
    if not (is_image_name(image) and osp.isfile(image)):
        return None
    try:
        return image_header(image)
    except (OSError, Image.DecompressionBombError):
        return None  # read by another decoder
