"""Backbones beside those of mmseg."""

from .pixel_colors import PixelColors

__all__ = ['PixelColors']
