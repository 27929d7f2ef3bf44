"""Pictures."""

from .cluster_local_visualizer import ClusterLocalVisualizer
from .panels import save_panels

__all__ = ['ClusterLocalVisualizer', 'save_panels']
