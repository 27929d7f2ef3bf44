"""Test-time resizing by the short side of the image."""

import cv2
import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.registry import TRANSFORMS

from ...errors import check_choice, check_least
from ...views import base_frame, resize

# 'auto' is what the training views do: area average when shrinking, else bilinear.
INTERPOLATIONS = {
    'auto': None,
    'area': cv2.INTER_AREA,
    'bilinear': cv2.INTER_LINEAR,
    'bicubic': cv2.INTER_CUBIC,
    'nearest': cv2.INTER_NEAREST_EXACT,
}


class _ShortSide(BaseTransform):
    def __init__(self, size: int, interpolation: str = 'auto') -> None:
        check_least('size', size, 1)
        check_choice('interpolation', interpolation, tuple(INTERPOLATIONS))
        self.size = size
        self.interpolation = interpolation

    def _resize_image(self, results: dict, shape: tuple[int, int]) -> None:
        image = results['img']
        resized = resize(image, shape, INTERPOLATIONS[self.interpolation])
        results['img'] = np.ascontiguousarray(resized)
        results['img_shape'] = shape
        results['scale_factor'] = (
            shape[1] / image.shape[1],
            shape[0] / image.shape[0],
        )
        if 'ignore_mask' in results:
            # Any touched pixel counts, as in the training views.
            mask = results['ignore_mask'].astype(np.float32)
            results['ignore_mask'] = resize(mask, shape) > 0

    def __repr__(self) -> str:
        return (
            f'{type(self).__name__}(size={self.size}, '
            f'interpolation={self.interpolation!r})'
        )


@TRANSFORMS.register_module()
class CenterCropShortSide(_ShortSide):
    """Cuts the center square and resizes it: image and label together.

    The protocol of COCO-Stuff-27 and Cityscapes-27 (PiCIE, section 4.1): short side
    to ``size``, center crop. The crop comes first, at source pixels, so that the
    square is the one the training views see. Labels are resized to the nearest pixel
    center. ``ori_shape`` becomes the square, in which masks are predicted and scored.

    Args:
        size: Side of the square in pixels.
        interpolation: For the image: 'auto', 'area', 'bilinear', 'bicubic', 'nearest'.

    Raises:
        InputError: If ``size`` or ``interpolation`` is not valid.
    """

    @property
    def network_input(self) -> str:
        """What the network sees of an image, and at which size masks are scored."""
        return f'short side {self.size}, center crop {self.size}'

    def transform(self, results: dict) -> dict:
        """Changes ``img`` and, where present, ``gt_seg_map`` and ``ignore_mask``."""
        shape = (self.size, self.size)
        for name in ('img', 'gt_seg_map', 'ignore_mask'):
            if name in results:
                results[name] = base_frame(results[name], 'center')
        self._resize_image(results, shape)
        if 'gt_seg_map' in results:
            results['gt_seg_map'] = np.ascontiguousarray(
                resize(results['gt_seg_map'], shape, cv2.INTER_NEAREST_EXACT)
            )
        results['ori_shape'] = shape
        results['frame'] = 'center'
        return results


@TRANSFORMS.register_module()
class ResizeShortSide(_ShortSide):
    """Resizes the whole image for the network; labels keep their resolution.

    ``ori_shape`` stays, so that masks are predicted and scored at the image's own
    size.

    Args:
        size: Short side in pixels; the aspect ratio is kept to the nearest pixel.
        interpolation: As for :class:`CenterCropShortSide`.

    Raises:
        InputError: If ``size`` or ``interpolation`` is not valid.
    """

    @property
    def network_input(self) -> str:
        """What the network sees of an image, and at which size masks are scored."""
        return f'whole image at label resolution, network short side {self.size} px'

    def transform(self, results: dict) -> dict:
        """Changes ``img`` and, where present, ``ignore_mask``."""
        height, width = results['img'].shape[:2]
        scale = self.size / min(height, width)
        shape = (round(height * scale), round(width * scale))
        self._resize_image(results, shape)
        return results
