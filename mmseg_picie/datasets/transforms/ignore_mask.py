"""Pixels to leave out, from mask files or from the value of padding."""

import os.path as osp

import mmcv
import mmengine.fileio as fileio
import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS

from ...errors import InputError, MissingFileError
from ..label_maps import IGNORE
from ..label_sizes import check_lies_on
from ..read_files import why_unreadable


@TRANSFORMS.register_module()
class LoadIgnoreMask(BaseTransform):
    """Marks pixels to leave out of k-means, loss and score.

    Goes after ``LoadImageFromFile`` (and ``LoadAnnotations``, ``RemapLabels``),
    before any resizing. A pixel is ignored if its mask is not zero or all its
    channels equal ``padding_value``.

    Args:
        mask_dir: Folder of mask files, named like the images below their folder:
            ``<mask_dir>/<image path without suffix><mask_suffix>``. Images that do
            not come from a data set have no mask file.
        mask_suffix: End of the mask files' names.
        padding_value: Value of padded pixels. It is compared exactly, so JPEG files,
            whose padding is no longer exact, do not fit.
        ignore_index: Label of ignored pixels.
        backend_args: Of mmengine's file backend.

    Raises:
        InputError: If neither source is given, no image is loaded yet, or a mask is
            unreadable, of another size than its image, or the image is turned by its
            EXIF and nothing tells whether the mask is.
        MissingFileError: If a mask file does not exist.
    """

    def __init__(
        self,
        mask_dir: str | None = None,
        mask_suffix: str = '.png',
        padding_value: int | None = None,
        ignore_index: int = IGNORE,
        backend_args: dict | None = None,
    ) -> None:
        if mask_dir is None and padding_value is None:
            raise InputError(
                'LoadIgnoreMask: mask_dir and padding_value are both None; give one'
            )
        if padding_value is not None and not 0 <= padding_value <= 255:
            raise InputError(f'padding_value must lie in [0, 255], got {padding_value}')
        self.mask_dir = mask_dir
        self.mask_suffix = mask_suffix
        self.padding_value = padding_value
        self.ignore_index = ignore_index
        self.backend_args = backend_args

    def transform(self, results: dict) -> dict:
        """Adds ``ignore_mask``, (H, W) bool, and ignores its pixels in the label."""
        if 'img' not in results:
            raise InputError(
                'LoadIgnoreMask needs an image: put it after LoadImageFromFile in the '
                'pipeline'
            )
        image = results['img']
        mask = np.zeros(image.shape[:2], bool)
        if self.padding_value is not None:
            mask |= (image == self.padding_value).all(axis=2)
        if self.mask_dir is not None and 'img_dir' in results:
            mask |= self._load(results['img_path'], results['img_dir'], mask.shape)
        results['ignore_mask'] = mask
        if 'gt_seg_map' in results:
            labels = results['gt_seg_map']
            if labels.shape != mask.shape:
                raise InputError(
                    f'LoadIgnoreMask: the label of {results["img_path"]} is '
                    f'{labels.shape}, its image {mask.shape} (height, width); put '
                    'LoadIgnoreMask before the resizing'
                )
            results['gt_seg_map'] = np.where(
                mask, labels.dtype.type(self.ignore_index), labels
            )
        return results

    def _load(self, image: str, folder: str, shape: tuple[int, int]) -> np.ndarray:
        name = osp.splitext(osp.relpath(image, folder))[0] + self.mask_suffix
        path = osp.join(self.mask_dir, name)
        if not fileio.exists(path, backend_args=self.backend_args):
            raise MissingFileError(
                f'LoadIgnoreMask: mask {path} of {image} does not exist; put it there '
                f'or correct mask_dir={self.mask_dir!r}, '
                f'mask_suffix={self.mask_suffix!r}'
            )
        content = fileio.get(path, backend_args=self.backend_args)
        try:
            mask = mmcv.imfrombytes(content, 'unchanged', backend='pillow') != 0
        except Exception as error:  # whatever a decoder raises, it says why
            reason = why_unreadable(path, 'unchanged', 'pillow', self.backend_args)
            raise InputError(f'LoadIgnoreMask: {path} {reason}; replace it') from error
        if mask.ndim == 3:
            # The last of two or of four channels is alpha, no part of the mask.
            colors = mask.shape[2] - (mask.shape[2] in (2, 4))
            mask = mask[:, :, :colors].any(axis=2)
        check_lies_on(path, mask.shape, image, [shape])
        return mask

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(mask_dir={self.mask_dir!r}, '
            f'mask_suffix={self.mask_suffix!r}, padding_value={self.padding_value}, '
            f'ignore_index={self.ignore_index})'
        )
