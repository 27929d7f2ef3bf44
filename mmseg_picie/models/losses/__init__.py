from .clustering_loss import Clustering, ClusteringLoss

__all__ = ['Clustering', 'ClusteringLoss']
