from .classifier_head import ClassifierHead
from .clustering_head import ClusteringHead

__all__ = ['ClassifierHead', 'ClusteringHead']
