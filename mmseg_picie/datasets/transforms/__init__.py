"""Transforms, registered in mmseg's TRANSFORMS."""

from .ignore_mask import LoadIgnoreMask
from .paired_views import PackViews, PairedViews
from .remap_labels import RemapLabels
from .short_side import CentreCropShortSide, ResizeShortSide

__all__ = [
    'CentreCropShortSide',
    'LoadIgnoreMask',
    'PackViews',
    'PairedViews',
    'RemapLabels',
    'ResizeShortSide',
]
