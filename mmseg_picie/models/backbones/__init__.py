"""Backbones beside those of mmseg."""

from .dense_sift import DenseSIFT
from .efficientnet_lite import EfficientNetLite, convert_published_names
from .image_filters import ImageFilters
from .installed import check_backbone_package
from .net10a import Net10a
from .pixel_colors import PixelColors
from .transformers_backbone import TransformersBackbone
from .transformers_models import WEIGHTS_PREFIX, first_line

__all__ = [
    'DenseSIFT',
    'EfficientNetLite',
    'ImageFilters',
    'Net10a',
    'PixelColors',
    'TransformersBackbone',
    'WEIGHTS_PREFIX',
    'check_backbone_package',
    'convert_published_names',
    'first_line',
]
