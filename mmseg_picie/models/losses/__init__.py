"""Losses: one class each."""

from .clustering_loss import Clustering, ClusteringLoss, clustering_factors
from .correspondence_loss import CorrespondenceLoss

__all__ = ['Clustering', 'ClusteringLoss', 'CorrespondenceLoss', 'clustering_factors']
