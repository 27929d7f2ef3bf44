"""SIFT descriptors on a grid: features from before networks, for a baseline."""

from collections.abc import Sequence

import cv2
import numpy as np
import torch
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn

from ...errors import InputError, check_least
from .image_filters import LUMA

CHANNELS = 128  # 4 x 4 cells of 8 directions
# OpenCV draws 4 cells a side, each of 1.5 times the diameter of the key point.
CELLS_PER_DIAMETER = 4 * 1.5


@MODELS.register_module()
class DenseSIFT(BaseModule):
    """Describes each place of a grid by the directions of the edges around it.

    Lowe's SIFT descriptor (IJCV 2004, section 6), upright, of the gray image; OpenCV
    computes it. It has no weights and no gradient: clustering it is the baseline 'SIFT'
    of the published tables. It takes red, green and blue from 0 to 255, so its
    ``data_preprocessor`` has mean 0 and std 1.

    Args:
        stride: Distance of the places in px, at most.
        patch_sizes: Sides in px of what a descriptor sees, one map each.
        init_cfg: mmengine initialization.

    Raises:
        InputError: If a number is out of range.
    """

    def __init__(
        self,
        stride: int = 4,
        patch_sizes: Sequence[float] = (12, 24),
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        check_least('DenseSIFT.stride', stride, 1)
        if not patch_sizes:
            raise InputError('DenseSIFT.patch_sizes must hold a size, got none')
        for size in patch_sizes:
            check_least('DenseSIFT.patch_sizes', size, 4)  # a px for each cell
        self.stride = stride
        self.patch_sizes = tuple(patch_sizes)
        # The runner builds an optimizer in any case, which refuses to have nothing.
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """Descriptors of images, (N, 3, H, W) from 0 to 255.

        Returns:
            (N, 128, h, w) for each size, about unit length; h and w are H / stride and
            W / stride, rounded up.

        Raises:
            InputError: If images hold values outside of 0 to 255.
        """
        low, high = float(images.min()), float(images.max())
        if low < -0.5 or high > 255.5:
            raise InputError(
                f'DenseSIFT takes images from 0 to 255, got {low:.1f} to {high:.1f}: '
                'set model.data_preprocessor.mean to [0, 0, 0] and std to [1, 1, 1]'
            )
        luma = images.new_tensor(LUMA)[:, None, None]
        gray = (images.detach() * luma).sum(1).round().byte().cpu().numpy()
        height, width = (-(-side // self.stride) for side in gray.shape[1:])
        maps = []
        for size in self.patch_sizes:
            points = np.stack([_describe(image, height, width, size) for image in gray])
            vectors = torch.from_numpy(points).to(images)
            vectors = vectors.view(len(gray), height, width, CHANNELS)
            maps.append(self.scale * vectors.permute(0, 3, 1, 2))
        return tuple(maps)


def _describe(image: np.ndarray, height: int, width: int, size: float) -> np.ndarray:
    """Descriptors of the centers of height x width cells, row by row.

    Args:
        image: (H, W) uint8.
        height: Cells from top to bottom.
        width: Cells from left to right.
        size: Side of the patches in px.

    Returns:
        (height * width, 128) float32.
    """
    ys = (np.arange(height) + 0.5) * image.shape[0] / height - 0.5
    xs = (np.arange(width) + 0.5) * image.shape[1] / width - 0.5
    diameter = size / CELLS_PER_DIAMETER
    places = [cv2.KeyPoint(float(x), float(y), diameter, 0.0) for y in ys for x in xs]
    _, descriptors = cv2.SIFT_create().compute(image, places)
    return descriptors / 512  # OpenCV's have length 512
