"""Losses: one class each."""

from .clustering_loss import Clustering, ClusteringLoss, clustering_factors
from .correspondence_loss import CorrespondenceLoss
from .mutual_information_loss import MutualInformationLoss

__all__ = [
    'Clustering',
    'ClusteringLoss',
    'CorrespondenceLoss',
    'MutualInformationLoss',
    'clustering_factors',
]
