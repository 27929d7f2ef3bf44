"""How an image is brought to the size that a network was trained for."""

from collections.abc import Callable

import numpy as np
from mmengine.config import Config
from mmseg.registry import TRANSFORMS

from ..config_types import is_config_of
from ..datasets import evaluation_pipeline
from ..datasets.transforms import CenterCropShortSide, ResizeShortSide
from ..errors import InputError


def network_resize(cfg: Config) -> Callable[[np.ndarray], np.ndarray]:
    """The resizing of a config's test images, for whole images.

    A protocol that scores center squares tells the size alone: a person wants masks
    of whole images.

    Args:
        cfg: Config of a run.

    Returns:
        Takes and gives (H, W, 3) uint8.

    Raises:
        InputError: If the test images are resized in a way of their own.
    """
    for step in evaluation_pipeline(cfg):
        if is_config_of(step, TRANSFORMS, (CenterCropShortSide, ResizeShortSide)):
            options = {key: step[key] for key in step if key != 'type'}
            resize = ResizeShortSide(**options)
            return lambda image: resize.transform(dict(img=image))['img']
        if 'resize' in str(step['type']).lower():
            raise InputError(
                f'the test images of the checkpoint are resized by {step["type"]}, '
                'whose size is not known for others: use ResizeShortSide in '
                'test_pipeline'
            )
    return lambda image: image
