"""The simplest features there are, for a baseline."""

import torch
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn


@MODELS.register_module()
class PixelColors(BaseModule):
    """Gives the normalized color of each pixel as its feature.

    Clustering it is k-means on RGB: what a segmenter must beat to be worth training.
    """

    def __init__(self, init_cfg: dict | None = None) -> None:
        super().__init__(init_cfg)
        # The runner builds an optimizer in any case, which refuses to have nothing.
        self.scale = nn.Parameter(torch.ones(()))

    def forward(self, images: Tensor) -> tuple[Tensor]:
        """(N, 3, H, W) -> the same map in a tuple."""
        return (self.scale * images,)
