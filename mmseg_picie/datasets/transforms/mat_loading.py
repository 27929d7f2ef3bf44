"""Images and labels in MATLAB files, as in IIC's patches of Potsdam."""

import numpy as np
from mmcv.transforms import BaseTransform
from mmseg.datasets.transforms import LoadAnnotations
from mmseg.registry import TRANSFORMS

from ...errors import InputError
from ..mat_files import IMAGE_KEY, LABEL_KEY, read_mat


@TRANSFORMS.register_module()
class LoadMatImage(BaseTransform):
    """Loads the channels of an image in a ``.mat`` file.

    Its array ``img`` is (H, W, 3) RGB or (H, W, 4) RGB and infrared, uint8. Takes the
    place of ``LoadImageFromFile``.

    Args:
        infrared: Whether to load infrared behind blue, green and red. A network then
            takes four channels: ``data_preprocessor.bgr_to_rgb=False`` with four means
            and standard deviations, and ``backbone.in_channels=4``. False (default)
            leaves infrared out.
        backend_args: Of mmengine's file backend.

    Raises:
        MissingFileError: If the file does not exist.
        InputError: If it has no such array, or one of another shape or type, or no
            infrared although it is asked for.
    """

    def __init__(
        self, infrared: bool = False, backend_args: dict | None = None
    ) -> None:
        self.infrared = infrared
        self.backend_args = backend_args

    def transform(self, results: dict) -> dict:
        """Adds ``img``, (H, W, 3) or (H, W, 4) uint8 BGR, and its shapes."""
        path = results['img_path']
        image = read_mat(path, IMAGE_KEY, self.backend_args)
        if image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] not in (3, 4):
            raise InputError(
                f'{path}: array {IMAGE_KEY!r} must be (H, W, 3) or (H, W, 4) uint8, '
                f'got {image.shape} {image.dtype}'
            )
        if self.infrared and image.shape[2] != 4:
            raise InputError(
                f'{path}: array {IMAGE_KEY!r} has no infrared, got {image.shape}: set '
                'LoadMatImage.infrared=False'
            )
        order = [2, 1, 0, 3] if self.infrared else [2, 1, 0]
        results['img'] = np.ascontiguousarray(image[..., order])
        results['img_shape'] = results['ori_shape'] = image.shape[:2]
        return results

    def __repr__(self) -> str:
        return f'{type(self).__name__}(infrared={self.infrared})'


@TRANSFORMS.register_module()
class LoadMatAnnotations(LoadAnnotations):
    """Loads label ids from a ``.mat`` file: array ``gt``, (H, W) of integers 0-255.

    Does nothing where the sample names no annotation, as in inference on a file. A
    data set that loads annotations checks that its samples name them.

    Args:
        backend_args: Of mmengine's file backend.

    Raises:
        MissingFileError: If the file does not exist.
        InputError: If it has no such array, or one of another shape or type.
    """

    def __init__(self, backend_args: dict | None = None) -> None:
        super().__init__(backend_args=backend_args)

    def _load_seg_map(self, results: dict) -> None:
        """Adds ``gt_seg_map``, (H, W) uint8."""
        if 'seg_map_path' not in results:
            return
        path = results['seg_map_path']
        labels = read_mat(path, LABEL_KEY, self.backend_args)
        if labels.ndim != 2 or not np.issubdtype(labels.dtype, np.integer):
            raise InputError(
                f'{path}: array {LABEL_KEY!r} must be (H, W) of integers, got '
                f'{labels.shape} {labels.dtype}'
            )
        if labels.size and not 0 <= labels.min() <= labels.max() <= 255:
            raise InputError(
                f'{path}: ids must lie in 0-255, got {labels.min()} to {labels.max()}'
            )
        results['gt_seg_map'] = labels.astype(np.uint8)
        results['seg_fields'].append('gt_seg_map')

    def __repr__(self) -> str:
        return f'{type(self).__name__}()'
