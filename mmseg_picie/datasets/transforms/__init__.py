"""Transforms, registered in mmseg's TRANSFORMS."""

from .ignore_mask import LoadIgnoreMask
from .mat_loading import LoadMatAnnotations, LoadMatImage
from .paired_views import PackViews, PairedViews
from .remap_labels import RemapLabels
from .short_side import CentreCropShortSide, ResizeShortSide

__all__ = [
    'CentreCropShortSide',
    'LoadIgnoreMask',
    'LoadMatAnnotations',
    'LoadMatImage',
    'PackViews',
    'PairedViews',
    'RemapLabels',
    'ResizeShortSide',
]
