"""From the ids of an annotation file to classes."""

import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS

from ...errors import InputError
from ...files import png_bit_depth
from ..label_maps import IGNORE


@TRANSFORMS.register_module()
class RemapLabels(BaseTransform):
    """Maps ``gt_seg_map`` by the data set's ``label_table`` and checks its ids.

    Goes after ``LoadAnnotations``; does nothing where no label was loaded, as in
    inference on a file. Id 255 stays 255.

    Raises:
        InputError: If the annotation has ids that its encoding lacks, more than one
            channel, 16 bits, another size than the image, or no table is known.
    """

    def transform(self, results: dict) -> dict:
        """Replaces ``gt_seg_map``, (H, W) uint8."""
        if 'gt_seg_map' not in results:
            return results
        labels = results['gt_seg_map']
        path = results.get('seg_map_path')
        if 'label_table' not in results:
            raise InputError(
                f'RemapLabels: no label_table comes with {path}; use a data set '
                'derived from OptionalLabelDataset, or take RemapLabels out'
            )
        table = results['label_table']
        if labels.ndim != 2:
            raise InputError(
                f'annotation {path} has shape {labels.shape}; give one channel of ids, '
                'not a picture in colors'
            )
        sizes = (tuple(results['ori_shape']), results['img'].shape[:2])
        if labels.shape not in sizes:
            raise InputError(
                f'annotation {path} is {labels.shape}, its image {sizes[0]} (height, '
                'width); replace one of the files'
            )
        # LoadAnnotations keeps the low 8 bits: id 256 would pass as id 0.
        if path and png_bit_depth(path) == 16:
            raise InputError(
                f'annotation {path} has 16 bits per pixel; ids are 8 bits: check '
                'seg_map_suffix and encoding of the data set'
            )
        present = np.flatnonzero(np.bincount(labels.ravel(), minlength=256))
        unknown = [int(i) for i in present if i >= len(table) and i != IGNORE]
        if unknown:
            known = f'0-{len(table) - 1} and {IGNORE}' if table else f'{IGNORE}'
            raise InputError(
                f'annotation {path} has ids {unknown} outside the encoding ({known}); '
                'check seg_map_suffix and encoding of the data set, or replace the file'
            )
        lookup = np.full(256, IGNORE, np.uint8)
        lookup[: len(table)] = table
        results['gt_seg_map'] = lookup[labels]
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'
