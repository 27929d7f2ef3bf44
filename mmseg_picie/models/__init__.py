"""Segmentors, necks, heads and losses, registered in mmseg's MODELS."""

from .backbones import PixelColors
from .data_preprocessors import ViewsDataPreProcessor
from .decode_heads import ClassifierHead, ClusteringHead
from .losses import ClusteringLoss, CorrespondenceLoss
from .necks import LateralSumFPN, MultiLevelPCA
from .segmentors import MDC, PiCIE

__all__ = [
    'MDC',
    'ClassifierHead',
    'ClusteringHead',
    'ClusteringLoss',
    'CorrespondenceLoss',
    'LateralSumFPN',
    'MultiLevelPCA',
    'PiCIE',
    'PixelColors',
    'ViewsDataPreProcessor',
]
