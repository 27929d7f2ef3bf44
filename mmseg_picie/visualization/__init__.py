"""Pictures: overlays, legends, sheets of masks, clusters and neighbors."""

from .attention import draw_attention, keep_mass
from .cluster_cards import CardRow, draw_crop, save_card_pages
from .cluster_local_visualizer import ClusterLocalVisualizer
from .contact_sheet import contact_sheet
from .display_image import read_for_display
from .id_counts import count_ids
from .legend import legend
from .overlay import draw_overlay, panel_size
from .panels import save_panels
from .retrieval import MarkedImage, save_retrieval

__all__ = [
    'CardRow',
    'ClusterLocalVisualizer',
    'MarkedImage',
    'contact_sheet',
    'count_ids',
    'draw_attention',
    'draw_crop',
    'draw_overlay',
    'keep_mass',
    'legend',
    'panel_size',
    'read_for_display',
    'save_card_pages',
    'save_panels',
    'save_retrieval',
]
