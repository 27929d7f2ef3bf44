from .clustering_head import ClusteringHead

__all__ = ['ClusteringHead']
