"""Backbones beside those of mmseg."""

from .dense_sift import DenseSIFT
from .efficientnet_lite import EfficientNetLite, convert_published_names
from .installed import check_backbone_package
from .pixel_colors import PixelColors

__all__ = [
    'DenseSIFT',
    'EfficientNetLite',
    'PixelColors',
    'check_backbone_package',
    'convert_published_names',
]
