"""Pictures: palettes, panels, overlays."""

from .cluster_local_visualizer import ClusterLocalVisualizer
from .panels import save_panels
from .retrieval import MarkedImage, save_retrieval

__all__ = [
    'ClusterLocalVisualizer',
    'MarkedImage',
    'save_panels',
    'save_retrieval',
]
