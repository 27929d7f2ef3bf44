from .clustering_loss import ClusteringLoss

__all__ = ['ClusteringLoss']
