"""Clusters that a network predicts beside the labels of the same images."""

from collections.abc import Iterator

import numpy as np

from ..datasets import LabelFolder
from ..evaluation import LabeledClusters
from ..models import ClusteringHead
from .input_images import InputImage
from .segmenter import Segmenter


class LabeledClusterImages:
    """Predicted clusters and labels of a folder, image by image; walked anew each time.

    Args:
        segmenter: Predicts clusters from now on, whether they have names or not.
        labels: Labels of some images.
        batch_size: Images of equal size that pass the network together.
    """

    def __init__(
        self, segmenter: Segmenter, labels: LabelFolder, batch_size: int = 8
    ) -> None:
        segmenter.model.predict_as = 'clusters'
        self.segmenter = segmenter
        self.labels = labels
        self.batch_size = batch_size

    def __len__(self) -> int:
        return len(self.labels.names)

    def __iter__(self) -> Iterator[LabeledClusters]:
        """Cluster ids and class ids of each image, (H, W) each."""
        folder = self.labels.images
        images = (InputImage(name, folder / name) for name in self.labels.names)
        for found in self.segmenter.predictions(images, self.batch_size):
            yield found.ids, self.labels.load(found.image.name)


def predicting_centroids(segmenter: Segmenter) -> np.ndarray | None:
    """Centroids that predict, (K, D); None for a network without."""
    head = segmenter.model.decode_head
    if not isinstance(head, ClusteringHead):
        return None
    return head.eval_centroids.cpu().numpy()
