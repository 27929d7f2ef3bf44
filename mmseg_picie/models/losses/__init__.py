from .clustering_loss import Clustering, ClusteringLoss
from .correspondence_loss import CorrespondenceLoss

__all__ = ['Clustering', 'ClusteringLoss', 'CorrespondenceLoss']
