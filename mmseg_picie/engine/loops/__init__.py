"""Loops beside mmengine's own."""

from .cluster_only_loop import ClusterOnlyLoop

__all__ = ['ClusterOnlyLoop']
