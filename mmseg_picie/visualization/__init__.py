"""Pictures: palettes, panels, overlays."""

from .cluster_cards import CardRow, draw_crop, save_card_pages
from .cluster_local_visualizer import ClusterLocalVisualizer
from .panels import save_panels
from .retrieval import MarkedImage, save_retrieval

__all__ = [
    'CardRow',
    'ClusterLocalVisualizer',
    'MarkedImage',
    'draw_crop',
    'save_card_pages',
    'save_panels',
    'save_retrieval',
]
