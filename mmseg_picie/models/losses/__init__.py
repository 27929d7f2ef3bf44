"""Losses: one class each."""

from .clustering_loss import Clustering, ClusteringLoss, clustering_factors
from .correspondence_loss import CorrespondenceLoss
from .mutual_information_loss import MutualInformationLoss
from .pair_loss import ImagePairs, PairLoss
from .pasted_region_loss import PastedRegionLoss
from .pixel_contrast_loss import PixelContrastLoss
from .process_means import process_mean
from .smoothness_loss import SmoothnessLoss
from .stego_loss import STEGOLoss

__all__ = [
    'Clustering',
    'ClusteringLoss',
    'CorrespondenceLoss',
    'ImagePairs',
    'MutualInformationLoss',
    'PairLoss',
    'PastedRegionLoss',
    'PixelContrastLoss',
    'STEGOLoss',
    'SmoothnessLoss',
    'clustering_factors',
    'process_mean',
]
