"""Backbones beside those of mmseg."""

from .dense_sift import DenseSIFT
from .efficientnet_lite import EfficientNetLite, convert_published_names
from .installed import check_backbone_package
from .pixel_colors import PixelColors
from .transformers_backbone import TransformersBackbone
from .transformers_models import WEIGHTS_PREFIX, first_line

__all__ = [
    'DenseSIFT',
    'EfficientNetLite',
    'PixelColors',
    'TransformersBackbone',
    'WEIGHTS_PREFIX',
    'check_backbone_package',
    'convert_published_names',
    'first_line',
]
