"""Trained networks at work on images: embedding, search, scores of several K."""

from .cell_grid import CellGrid
from .choose_k import SCORE_NAMES, score_numbers
from .embedding_network import Embedded, EmbeddingNetwork
from .labeled_embeddings import LabeledEmbeddings
from .pixel_search import points_of, search
from .retrieval_images import RetrievalImages, SeenImage

__all__ = [
    'SCORE_NAMES',
    'CellGrid',
    'Embedded',
    'EmbeddingNetwork',
    'LabeledEmbeddings',
    'RetrievalImages',
    'SeenImage',
    'points_of',
    'score_numbers',
    'search',
]
