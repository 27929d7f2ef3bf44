"""Losses: one class each."""

from .clustering_loss import Clustering, ClusteringLoss, clustering_factors
from .correspondence_loss import CorrespondenceLoss
from .pair_loss import ImagePairs, PairLoss
from .process_means import process_mean
from .stego_loss import STEGOLoss

__all__ = [
    'Clustering',
    'ClusteringLoss',
    'CorrespondenceLoss',
    'ImagePairs',
    'PairLoss',
    'STEGOLoss',
    'clustering_factors',
    'process_mean',
]
