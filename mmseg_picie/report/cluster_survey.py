"""What the page says of each cluster, gathered image by image in bounded memory."""

from collections.abc import Sequence

import numpy as np

from ..engine import PassProgress
from ..errors import InputError
from ..inference import ClusterCards, InputImage, Predictor
from ..models import cluster_meta
from .pictures import shrink
from .positions import PlaceCounts
from .relations import count_borders
from .surveyed_images import read_part

LARGEST = 1600  # px of the longer side that crops are cut from
AT_ONCE = 16  # images in memory


class ClusterSurvey:
    """Cards, borders and places of clusters.

    Args:
        num_clusters: K.
        num_cards: Crops of each cluster, of different images.
        num_images: How many images will be added; None if that is not known.

    Attributes:
        cards: Sizes, mean colors and crops that are large and sure.
        borders: Pairs of neighboring pixels by their clusters, (K, K) int64.
        places: How much row, column and color tell of where clusters are.
        left_out: (name, reason) of images that could not be read.
    """

    def __init__(
        self, num_clusters: int, num_cards: int = 9, num_images: int | None = None
    ) -> None:
        meta = cluster_meta(num_clusters)
        self.num_clusters = num_clusters
        self.cards = ClusterCards(
            meta['classes'], meta['palette'], num_cards, num_images
        )
        self.borders = np.zeros((num_clusters, num_clusters), np.int64)
        self.places = PlaceCounts(num_clusters)
        self.left_out: list[tuple[str, str]] = []

    def add(
        self,
        image: np.ndarray,
        ids: np.ndarray,
        confidence: np.ndarray,
        whole: np.ndarray | None = None,
    ) -> None:
        """Takes one image.

        Args:
            image: (H, W, 3) uint8 BGR.
            ids: Cluster ids, (H, W).
            confidence: How sure the network is, (H, W).
            whole: The image at a larger size, to cut crops from.
        """
        self.cards.add(image, ids, confidence, whole)
        self.borders += count_borders(ids, self.num_clusters)
        self.places.add(ids, image)

    def add_all(self, predictor: Predictor, images: Sequence[InputImage]) -> None:
        """Predicts images at the size at which the network sees them, and takes them.

        Args:
            predictor: Predicts clusters.
            images: The images.
        """
        with PassProgress('looking at clusters', len(images)) as progress:
            for begin in range(0, len(images), AT_ONCE):
                part = images[begin : begin + AT_ONCE]
                self._add_some(predictor, part)
                progress.advance(len(part))

    def _add_some(self, predictor: Predictor, images: Sequence[InputImage]) -> None:
        wholes, seen = [], []
        for image in images:
            try:
                whole = read_part(image)
            except InputError as error:
                self.left_out.append((image.name, str(error)))
                continue
            wholes.append(shrink(whole, LARGEST))
            # Resized again it stays as it is: the network sees what predict shows it.
            small = np.ascontiguousarray(predictor.resize(whole)[..., ::-1])
            seen.append(InputImage(image.name, small))
        found = predictor.predictions(seen, confidence=True)
        for whole, prediction in zip(wholes, found, strict=True):
            image = prediction.image.read()
            self.add(image, prediction.ids, prediction.confidence, whole)
