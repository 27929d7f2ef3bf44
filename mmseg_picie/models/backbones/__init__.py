"""Backbones beside those of mmseg."""

from .efficientnet_lite import EfficientNetLite, convert_published_names
from .image_filters import ImageFilters
from .installed import check_backbone_package
from .net10a import Net10a
from .pixel_colors import PixelColors

__all__ = [
    'EfficientNetLite',
    'ImageFilters',
    'Net10a',
    'PixelColors',
    'check_backbone_package',
    'convert_published_names',
]
