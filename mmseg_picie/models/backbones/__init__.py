"""Backbones beside those of mmseg."""

from .efficientnet_lite import EfficientNetLite, convert_published_names
from .pixel_colors import PixelColors

__all__ = ['EfficientNetLite', 'PixelColors', 'convert_published_names']
