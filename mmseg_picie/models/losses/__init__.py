"""Losses: one class each."""

from .clustering_loss import Clustering, ClusteringLoss, clustering_factors
from .correspondence_loss import CorrespondenceLoss
from .mutual_information_loss import MutualInformationLoss
from .pixel_contrast_loss import PixelContrastLoss

__all__ = [
    'Clustering',
    'ClusteringLoss',
    'CorrespondenceLoss',
    'PixelContrastLoss',
    'MutualInformationLoss',
    'clustering_factors',
]
