"""Clusters that a network predicts beside the labels of the same images."""

from collections.abc import Iterator, Sequence

import numpy as np

from ..datasets import LabelFolder
from ..evaluation import LabeledClusters
from .input_images import InputImage
from .predictor import Predictor


class LabeledClusterImages:
    """Predicted clusters and labels of a folder, image by image; walked anew each time.

    Args:
        predictor: Predicts clusters, whether they have names or not.
        labels: Labels of some images.
        names: Which of these images; None for all.
        batch_size: Images of equal size that pass the network together.

    Raises:
        ValueError: If the predictor predicts classes.
    """

    def __init__(
        self,
        predictor: Predictor,
        labels: LabelFolder,
        names: Sequence[str] | None = None,
        batch_size: int = 8,
    ) -> None:
        if predictor.model.predict_as != 'clusters':
            raise ValueError("the predictor needs predict_as='clusters'")
        self.predictor = predictor
        self.labels = labels
        self.names = labels.names if names is None else names
        self.batch_size = batch_size

    def __len__(self) -> int:
        return len(self.names)

    def __iter__(self) -> Iterator[LabeledClusters]:
        """Cluster ids and class ids of each image, (H, W) each."""
        folder = self.labels.images
        images = (InputImage(name, folder / name) for name in self.names)
        for found in self.predictor.predictions(images, self.batch_size):
            yield found.ids, self.labels.load(found.image.name)


def predicting_centroids(predictor: Predictor) -> np.ndarray | None:
    """Centroids that predict, or the rows of a learned head, (K, D); None without."""
    vectors = predictor.model.decode_head.cluster_vectors
    return None if vectors is None else vectors.cpu().numpy()
