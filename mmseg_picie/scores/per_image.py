"""Clusters of each image matched to the classes on that image."""

from collections.abc import Callable

import numpy as np

from .matching import MatchedScores, confusion_matrix, matched_confusion, matched_scores


class PerImageCounts:
    """True and predicted classes where each image has a matching of its own.

    DiffCut (Couairon et al., NeurIPS 2024) and DiffSeg (Tian et al., CVPR 2024) divide
    one image at a time: cluster 3 of one image is not cluster 3 of the next. Their
    clusters are matched to the classes image by image, and hits, misses and false
    positives are summed over the images before IoU is taken. Every matching reads the
    labels that it is scored on, so figures are far higher than under one matching for
    all images and compare with no other protocol.

    Args:
        num_classes: C.
        num_clusters: K.
        match: From pixels by class and cluster (C, K) to the class of each cluster:
            ``hungarian_match`` as in DiffCut, or ``majority_match``, which lets several
            clusters of an image have one class.

    Examples:
        >>> from mmseg_picie.scores import hungarian_match
        >>> counts = PerImageCounts(2, 2, hungarian_match)
        >>> for clusters in ([[0, 0, 1]], [[1, 1, 0]]):  # the ids change places
        ...     counts.add(np.array(clusters), np.array([[0, 0, 1]]))
        >>> counts.scores().mIoU
        100.0
    """

    def __init__(
        self,
        num_classes: int,
        num_clusters: int,
        match: Callable[[np.ndarray], np.ndarray],
    ) -> None:
        self.shape = num_classes, num_clusters
        self.match = match
        self.merged = np.zeros((num_classes, num_classes + 1), dtype=np.int64)

    def add(
        self, clusters: np.ndarray, labels: np.ndarray, ignore_index: int = 255
    ) -> None:
        """Matches the clusters of one image and counts its pixels.

        Args:
            clusters: Cluster ids, (H, W); -1 where none.
            labels: Class ids, (H, W); ``ignore_index`` where none.
            ignore_index: Class id of pixels that do not count.

        Raises:
            InputError: If the shapes differ or an id is out of range.
        """
        counts = confusion_matrix(labels, clusters, *self.shape, ignore_index)
        self.merged += match_image(counts, self.match)

    def scores(self) -> MatchedScores:
        """Scores over all images.

        Raises:
            InputError: If no pixel was labeled.
        """
        return per_image_scores(self.merged)


def match_image(
    confusion: np.ndarray, match: Callable[[np.ndarray], np.ndarray]
) -> np.ndarray:
    """True by predicted class of one image under its own matching, (C, C + 1).

    Args:
        confusion: Pixels of the image by class and cluster, (C, K).
        match: From that to the class of each cluster, (K,), -1 for none.

    Returns:
        int64; the last column has the pixels of clusters without a class. The sum over
        images is what :func:`per_image_scores` takes.
    """
    return matched_confusion(confusion, match(confusion))


def per_image_scores(merged: np.ndarray) -> MatchedScores:
    """Scores of the summed counts of images, (C, C + 1).

    Raises:
        InputError: If all counts are zero.
    """
    return matched_scores(merged, np.append(np.arange(len(merged)), -1))
