"""Necks: from the maps of a backbone to the embedding."""

from .lateral_sum_fpn import LateralSumFPN
from .multi_level_pca import MultiLevelPCA

__all__ = ['LateralSumFPN', 'MultiLevelPCA']
