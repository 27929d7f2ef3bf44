"""From images to masks: fit, name, teach, predict; embedding and search."""

from .best_number import WITH_K, best_number
from .cell_grid import CellGrid
from .choose_k import SCORE_NAMES, score_numbers
from .cluster_cards import ClusterCards
from .embedding_network import Embedded, EmbeddingNetwork
from .fit_plan import FitPlan, describe_plan, evenly, make_plan
from .fitting import fit
from .folder_embeddings import folder_embeddings
from .input_images import InputImage, input_images, is_large, read_image
from .labeled_clusters import LabeledClusterImages, predicting_centroids
from .labeled_embeddings import LabeledEmbeddings
from .pixel_search import points_of, search
from .prediction import Written, write_masks
from .predictor import Prediction, Predictor
from .probes import PROBES, score_probes
from .refining import PARTS, Refined, check_marked, refine
from .retrieval_images import RetrievalImages, SeenImage
from .segmenter import Segmenter
from .teaching import save_taught, teach
from .tiles import LEAST_TILE
from .training_sheet import training_sheet

__all__ = [
    'SCORE_NAMES',
    'WITH_K',
    'CellGrid',
    'ClusterCards',
    'Embedded',
    'EmbeddingNetwork',
    'FitPlan',
    'InputImage',
    'LEAST_TILE',
    'LabeledClusterImages',
    'LabeledEmbeddings',
    'PARTS',
    'PROBES',
    'Prediction',
    'Predictor',
    'Refined',
    'RetrievalImages',
    'SeenImage',
    'Segmenter',
    'Written',
    'best_number',
    'check_marked',
    'describe_plan',
    'evenly',
    'fit',
    'folder_embeddings',
    'input_images',
    'is_large',
    'make_plan',
    'save_taught',
    'teach',
    'write_masks',
    'points_of',
    'predicting_centroids',
    'read_image',
    'refine',
    'score_numbers',
    'score_probes',
    'search',
    'training_sheet',
]
