"""What a backbone sees of an image: colors, gray, edges."""

import torch
import torch.nn.functional as F
from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor

from ...errors import check_choice

CHANNELS = dict(rgb=3, gray=1, sobel=2, rgb_sobel=5)
LUMA = (0.299, 0.587, 0.114)  # of red, green and blue (ITU-R BT.601)


@MODELS.register_module()
class ImageFilters(BaseModule):
    """A backbone that sees gray values or edges in place of colors, or beside them.

    A network from scratch finds clusters of colors first, because nothing tells it more
    of a pixel at less effort. Edges do not change with the color of the light (IIC
    trains on COCO-Stuff with colors and edges).

    Edges are those of Sobel: the slope of the gray values along x and along y, with the
    pixels at the border repeated. They are taken from the normalized image; with the
    same ``mean`` and ``std`` for all channels they are the image's own up to a factor.

    Args:
        backbone: Config of any backbone with an argument ``in_channels``, which is set
            here.
        inputs: What it sees: 'rgb' (colors as they are), 'gray', 'sobel' (both slopes)
            or 'rgb_sobel' (colors and slopes, 5 channels).
        init_cfg: mmengine initialization; that of ``backbone`` is its own.

    Raises:
        InputError: If ``inputs`` is unknown.
    """

    def __init__(
        self,
        backbone: dict,
        inputs: str = 'rgb_sobel',
        init_cfg: dict | list | None = None,
    ) -> None:
        check_choice('model.backbone.inputs', inputs, tuple(CHANNELS))
        super().__init__(init_cfg)
        self.inputs = inputs
        self.backbone = MODELS.build(dict(backbone, in_channels=CHANNELS[inputs]))
        slope = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
        kernels = torch.stack([slope, slope.T])[:, None]  # along x, along y
        self.register_buffer('kernels', kernels, persistent=False)
        luma = torch.tensor(LUMA).view(1, 3, 1, 1)
        self.register_buffer('luma', luma, persistent=False)

    def filtered(self, images: Tensor) -> Tensor:
        """What the backbone sees, (N, 3, H, W) RGB -> (N, C, H, W).

        Args:
            images: Normalized, red first.
        """
        if self.inputs == 'rgb':
            return images
        gray = (images * self.luma).sum(1, keepdim=True)
        if self.inputs == 'gray':
            return gray
        slopes = F.conv2d(F.pad(gray, (1, 1, 1, 1), mode='replicate'), self.kernels)
        return slopes if self.inputs == 'sobel' else torch.cat([images, slopes], 1)

    def forward(self, images: Tensor) -> tuple[Tensor, ...]:
        """The backbone's maps of the filtered images."""
        return self.backbone(self.filtered(images))
