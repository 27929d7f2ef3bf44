"""Trained networks at work on images: embedding and search."""

from .embedding_network import Embedded, EmbeddingNetwork
from .labeled_embeddings import LabeledEmbeddings
from .retrieval_images import RetrievalImages, SeenImage, same_file

__all__ = [
    'Embedded',
    'EmbeddingNetwork',
    'LabeledEmbeddings',
    'RetrievalImages',
    'SeenImage',
    'same_file',
]
