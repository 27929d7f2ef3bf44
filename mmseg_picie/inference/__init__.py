"""Trained networks at work on images: embedding, search, scores of several K."""

from .cell_grid import CellGrid
from .choose_k import SCORE_NAMES, score_numbers
from .embedding_network import Embedded, EmbeddingNetwork
from .input_images import InputImage, input_images
from .labeled_clusters import LabeledClusterImages, predicting_centroids
from .labeled_embeddings import LabeledEmbeddings
from .pixel_search import points_of, search
from .retrieval_images import RetrievalImages, SeenImage
from .segmenter import Prediction, Segmenter

__all__ = [
    'SCORE_NAMES',
    'CellGrid',
    'Embedded',
    'EmbeddingNetwork',
    'InputImage',
    'LabeledClusterImages',
    'LabeledEmbeddings',
    'Prediction',
    'RetrievalImages',
    'SeenImage',
    'Segmenter',
    'input_images',
    'points_of',
    'predicting_centroids',
    'score_numbers',
    'search',
]
