"""Transforms, registered in mmseg's TRANSFORMS."""

from .folder_labels import LoadFolderLabels
from .ground_truth_mask import IgnoreUnlabeledPixels
from .ignore_mask import LoadIgnoreMask
from .mat_loading import LoadMatAnnotations, LoadMatImage
from .paired_views import PackViews, PairedViews
from .remap_labels import RemapLabels
from .short_side import CenterCropShortSide, ResizeShortSide

__all__ = [
    'CenterCropShortSide',
    'IgnoreUnlabeledPixels',
    'LoadFolderLabels',
    'LoadIgnoreMask',
    'LoadMatAnnotations',
    'LoadMatImage',
    'PackViews',
    'PairedViews',
    'RemapLabels',
    'ResizeShortSide',
]
