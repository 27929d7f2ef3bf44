"""What is trained and what predicts: segmentors, necks, heads and losses."""

from .backbones import PixelColors
from .cluster_names import cluster_meta
from .data_preprocessors import ViewsDataPreProcessor
from .decode_heads import ClassifierHead, ClusteringHead
from .decode_heads.classifier_head import classifier_source
from .decode_heads.clustering_head import centroid_source
from .losses import ClusteringLoss, CorrespondenceLoss
from .losses.clustering_loss import Clustering, clustering_factors
from .necks import LateralSumFPN, MultiLevelPCA
from .points import split_points, to_points, valid_cells
from .segmentors import MDC, PiCIE
from .segmentors.picie import PRECISIONS

__all__ = [
    'ClassifierHead',
    'Clustering',
    'ClusteringHead',
    'ClusteringLoss',
    'CorrespondenceLoss',
    'LateralSumFPN',
    'MDC',
    'MultiLevelPCA',
    'PRECISIONS',
    'PiCIE',
    'PixelColors',
    'ViewsDataPreProcessor',
    'centroid_source',
    'classifier_source',
    'cluster_meta',
    'clustering_factors',
    'split_points',
    'to_points',
    'valid_cells',
]
