"""Necks: from the maps of a backbone to the embedding."""

from .lateral_sum_fpn import LateralSumFPN
from .multi_level_pca import MultiLevelPCA
from .projection_neck import ProjectionNeck

__all__ = ['LateralSumFPN', 'MultiLevelPCA', 'ProjectionNeck']
