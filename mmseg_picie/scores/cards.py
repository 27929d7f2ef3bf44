"""What a person would see of each cluster on a page of cards, and read off it."""

import numpy as np
from scipy import ndimage

from ..errors import InputError
from .matching import confusion_matrix, majority_match

Crop = tuple[int, int, tuple[slice, slice]]


class CardCounts:
    """Classes on the cards of each cluster, gathered image by image.

    A card is a crop around the biggest connected part of a cluster in an image; a
    cluster's cards are its N biggest crops, each of another image. A person who looks
    at them names the cluster after what most of its pixels there are. Labels stand in
    for the person: those of the cluster's own pixels inside its crops count, all others
    do not. Memory does not grow with the number of images.

    Args:
        num_classes: C.
        num_clusters: K.
        num_cards: Cards N of each cluster, >= 1.

    Raises:
        InputError: If ``num_cards`` < 1.

    Examples:
        >>> cards = CardCounts(num_classes=2, num_clusters=3, num_cards=1)
        >>> small, large = np.array([[0, 1]]), np.array([[0, 0]])
        >>> cards.add(small, np.array([[1, 1]]))
        >>> cards.add(large, np.array([[0, 0]]))  # its crop of cluster 0 is bigger
        >>> cards.confusion()
        array([[2, 0, 0],
               [0, 1, 0]])
        >>> cards.cluster_to_class()
        array([ 0,  1, -1])
    """

    def __init__(self, num_classes: int, num_clusters: int, num_cards: int = 9) -> None:
        if num_cards < 1:
            raise InputError(f'num_cards must be >= 1, got {num_cards}')
        # By size, biggest first; 0 where there is no card yet.
        self._sizes = np.zeros((num_clusters, num_cards), dtype=np.int64)
        self._counts = np.zeros((num_clusters, num_cards, num_classes), dtype=np.int64)

    @property
    def num_cards(self) -> np.ndarray:
        """Cards of each cluster so far, (K,)."""
        return (self._sizes > 0).sum(1)

    def add(
        self, clusters: np.ndarray, labels: np.ndarray, ignore_index: int = 255
    ) -> None:
        """Takes an image's crops for cards where they are among the biggest.

        Args:
            clusters: Cluster ids, (H, W); -1 where none.
            labels: Class ids, (H, W); ``ignore_index`` where none.
            ignore_index: Class id of pixels that do not count.

        Raises:
            InputError: If the shapes differ or an id is out of range.
        """
        num_clusters, num_cards, num_classes = self._counts.shape
        clusters, labels = np.asarray(clusters), np.asarray(labels)
        # Checks shapes and ids, also of what no card shows.
        confusion_matrix(labels, clusters, num_classes, num_clusters, ignore_index)
        for cluster, size, box in biggest_crops(clusters):
            sizes, counts = self._sizes[cluster], self._counts[cluster]
            # Behind those of its size: of equal crops the first image's is shown.
            place = int((sizes >= size).sum())
            if place == num_cards:
                continue
            for cards in (sizes, counts):
                cards[place + 1 :] = cards[place:-1].copy()
            own = np.where(clusters[box] == cluster, 0, -1)
            sizes[place] = size
            counts[place] = confusion_matrix(
                labels[box], own, num_classes, 1, ignore_index
            )[:, 0]

    def confusion(self) -> np.ndarray:
        """Pixels on the cards by class and cluster, (C, K)."""
        return self._counts.sum(1).T

    def cluster_to_class(self) -> np.ndarray:
        """Most frequent class on each cluster's cards, (K,) int64.

        Ties go to the lowest class; -1 for a cluster without a labeled pixel there.
        """
        return majority_match(self.confusion())


def biggest_crops(clusters: np.ndarray) -> list[Crop]:
    """The biggest connected part of each cluster in one image.

    Parts are connected by edges, not corners. Of two parts of one size, the one that
    comes first by rows is taken.

    Args:
        clusters: Cluster ids, (H, W); -1 where none.

    Returns:
        (cluster, pixels of the part, rows and columns of its box) by cluster id, of
        the clusters that occur.

    Examples:
        >>> biggest_crops(np.array([[0, 1, 1], [1, 0, 0]]))  # doctest: +ELLIPSIS
        [(0, 2, (slice(1, 2, None), slice(1, 3, None))), (1, 2, ...)]
    """
    clusters = np.asarray(clusters)
    parts = _connected_parts(clusters)
    numbers, first, sizes = np.unique(parts, return_index=True, return_counts=True)
    there = numbers > 0
    numbers, first, sizes = numbers[there], first[there], sizes[there]
    order = np.lexsort((first, -sizes))
    owners, biggest = np.unique(clusters.ravel()[first][order], return_index=True)
    chosen = order[biggest]
    place = np.zeros(parts.max() + 1, dtype=np.int64)
    place[numbers[chosen]] = np.arange(1, len(chosen) + 1)
    boxes = ndimage.find_objects(place[parts])
    return list(zip(owners.tolist(), sizes[chosen].tolist(), boxes, strict=True))


def _connected_parts(clusters: np.ndarray) -> np.ndarray:
    """Number of each pixel's connected part, from 1; 0 where there is no cluster.

    One labeling does for all clusters: between two neighbors lies a cell that joins
    them if they are of one cluster.
    """
    height, width = clusters.shape
    joined = np.zeros((2 * height - 1, 2 * width - 1), dtype=bool)
    there = clusters != -1
    joined[::2, ::2] = there
    joined[::2, 1::2] = (clusters[:, 1:] == clusters[:, :-1]) & there[:, 1:]
    joined[1::2, ::2] = (clusters[1:] == clusters[:-1]) & there[1:]
    return ndimage.label(joined)[0][::2, ::2]
