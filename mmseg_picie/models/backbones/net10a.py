"""The small network that IIC trains from scratch."""

from mmengine.model import BaseModule
from mmseg.registry import MODELS
from torch import Tensor, nn

STRIDE_1 = (64, 128)
STRIDE_2 = ((256, 1), (256, 1), (512, 2), (512, 2))  # channels and dilation


@MODELS.register_module()
class Net10a(BaseModule):
    """Six 3x3 convolutions in the manner of VGG (IIC: Ji et al., ICCV 2019).

    Two layers of 64 and 128 channels, a maximum over 2 x 2 pixels, two layers of 256
    and two of 512 channels with dilation 2; each with BatchNorm and ReLU. The map keeps
    half the image's height and width. Its last channels are the embedding, so a model
    needs no neck.

    Args:
        in_channels: Channels of the images; ``ImageFilters`` sets it.
        width: Factor of all channels.
        init_cfg: mmengine initialization; by default He's (normal, fan out) for a
            training from scratch.
    """

    def __init__(
        self,
        in_channels: int = 3,
        width: float = 1.0,
        init_cfg: dict | list | None = None,
    ) -> None:
        if init_cfg is None:
            init_cfg = dict(type='Kaiming', layer='Conv2d')
        super().__init__(init_cfg)
        parts, last = [], in_channels
        for channels in STRIDE_1:
            parts.append(_layer(last, last := round(width * channels)))
        parts.append(nn.MaxPool2d(2))
        for channels, dilation in STRIDE_2:
            parts.append(_layer(last, last := round(width * channels), dilation))
        self.layers = nn.Sequential(*parts)
        self.out_channels = last

    def forward(self, images: Tensor) -> tuple[Tensor]:
        """(N, in_channels, H, W) -> one map (N, 512, H // 2, W // 2) in a tuple."""
        return (self.layers(images),)


def _layer(in_channels: int, out_channels: int, dilation: int = 1) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(
            in_channels,
            out_channels,
            3,
            padding=dilation,
            dilation=dilation,
            bias=False,
        ),
        nn.BatchNorm2d(out_channels),
        nn.ReLU(inplace=True),
    )
