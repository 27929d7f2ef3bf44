"""Loops beside mmengine's own."""

from .cluster_only_loop import ClusterOnlyLoop, trains

__all__ = ['ClusterOnlyLoop', 'trains']
