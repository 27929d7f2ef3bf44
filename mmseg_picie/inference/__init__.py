"""Trained networks at work on images: embedding, search, scores of several K."""

from .best_number import WITH_K, best_number
from .cell_grid import CellGrid
from .choose_k import SCORE_NAMES, score_numbers
from .embedding_network import Embedded, EmbeddingNetwork
from .fit_plan import FitPlan, describe_plan, make_plan
from .fitting import fit
from .input_images import InputImage, input_images
from .labeled_clusters import LabeledClusterImages, predicting_centroids
from .labeled_embeddings import LabeledEmbeddings
from .pixel_search import points_of, search
from .prediction import Written, write_masks
from .retrieval_images import RetrievalImages, SeenImage
from .segmenter import Prediction, Segmenter

__all__ = [
    'SCORE_NAMES',
    'WITH_K',
    'CellGrid',
    'Embedded',
    'EmbeddingNetwork',
    'FitPlan',
    'InputImage',
    'LabeledClusterImages',
    'LabeledEmbeddings',
    'Prediction',
    'RetrievalImages',
    'SeenImage',
    'Segmenter',
    'Written',
    'best_number',
    'describe_plan',
    'fit',
    'input_images',
    'make_plan',
    'write_masks',
    'points_of',
    'predicting_centroids',
    'score_numbers',
    'search',
]
