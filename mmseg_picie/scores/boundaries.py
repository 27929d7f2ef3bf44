"""How well the boundaries of predicted classes lie on those of the labels."""

from dataclasses import dataclass

import cv2
import numpy as np

from ..errors import InputError

TOLERANCE = 2 / 320  # share of an image's shorter side
LEAST_PIXELS = 1.0  # labels are not drawn more exactly


@dataclass(frozen=True)
class BoundaryScores:
    """Boundaries found, in percent.

    Attributes:
        mF: Mean of ``f`` over the classes that have a boundary in the labels.
        f: Harmonic mean of precision and recall of each class, (C,); NaN for a class
            without a boundary in the labels.
        precision: Predicted boundary pixels that are near a true one, (C,); 0 where a
            class has none, NaN as above.
        recall: True boundary pixels that are near a predicted one, (C,); NaN as above.
    """

    mF: float
    f: np.ndarray
    precision: np.ndarray
    recall: np.ndarray


class BoundaryCounts:
    """Boundary F-score of classes, gathered image by image.

    A boundary pixel of a class has the class and a neighbor to its left, right, above
    or below of another one; the frame of the image is no boundary, and neither is what
    borders on pixels without a label. Near means: not farther than the tolerance from a
    boundary pixel of the same class, in the other map. The tolerance is a share of the
    image's shorter side, 2 pixels at 320, and at least 1 pixel.

    The measure is that of Csurka et al. (BMVC 2013, "What is a good evaluation measure
    for semantic segmentation?"), with one difference: pixels are summed over the images
    before precision and recall are taken. They average the scores of images, where an
    image with three boundary pixels counts as much as one with thousands.

    Args:
        num_classes: C.
        tolerance: Share of the shorter side, > 0.

    Raises:
        InputError: If ``tolerance`` is not positive.

    Examples:
        >>> counts = BoundaryCounts(num_classes=2)
        >>> labels = np.repeat([[0, 1]], 6, axis=1).repeat(6, axis=0)
        >>> counts.add(labels, labels)
        >>> counts.scores().mF
        100.0
    """

    def __init__(self, num_classes: int, tolerance: float = TOLERANCE) -> None:
        if not tolerance > 0:
            raise InputError(f'tolerance must be > 0, got {tolerance}')
        self.tolerance = tolerance
        # Near and all pixels: of predicted boundaries, then of true ones.
        self._counts = np.zeros((4, num_classes), dtype=np.int64)

    def add(
        self, predicted: np.ndarray, labels: np.ndarray, ignore_index: int = 255
    ) -> None:
        """Counts the boundary pixels of an image.

        Args:
            predicted: Class ids, (H, W); any other value where no class is predicted.
            labels: Class ids, (H, W); ``ignore_index`` where none.
            ignore_index: Class id of pixels that do not count.

        Raises:
            InputError: If the shapes differ or a label is out of range.
        """
        predicted, labels = np.asarray(predicted), np.asarray(labels)
        num_classes = self._counts.shape[1]
        if predicted.shape != labels.shape:
            raise InputError(
                f'predicted {predicted.shape} and labels {labels.shape} must have the '
                'same shape'
            )
        counted = labels != ignore_index
        present = np.unique(labels[counted])
        if present.size and not 0 <= present[0] <= present[-1] < num_classes:
            raise InputError(
                f'labels holds {present.tolist()[:10]}, expected ids in [0, '
                f'{num_classes}) or {ignore_index} (ignored)'
            )
        reach = max(LEAST_PIXELS, self.tolerance * min(labels.shape))
        maps = predicted, labels
        edges = [_boundary(ids, counted) for ids in maps]
        for index in range(num_classes):
            found, true = (
                edge & (ids == index) for edge, ids in zip(edges, maps, strict=True)
            )
            self._counts[:, index] += (
                *(_near(found, true, reach), found.sum()),
                *(_near(true, found, reach), true.sum()),
            )

    def scores(self) -> BoundaryScores:
        """Scores over all images; NaN for the mean if no class has a boundary."""
        found_near, found, true_near, true = self._counts
        with np.errstate(invalid='ignore', divide='ignore'):
            recall = 100 * true_near / true  # NaN for 0 / 0
            precision = np.where(true > 0, 100 * found_near / np.maximum(found, 1), 0)
            precision = np.where(true > 0, precision, np.nan)
            both = precision + recall
            f = np.where(both > 0, 2 * precision * recall / both, both)
        occurs = true > 0
        mean = float(f[occurs].mean()) if occurs.any() else np.nan
        return BoundaryScores(mean, f, precision, recall)


def _boundary(ids: np.ndarray, counted: np.ndarray) -> np.ndarray:
    """Pixels with a neighbor of another id, both counted, (H, W) bool."""
    edge = np.zeros(ids.shape, dtype=bool)
    for first, second in (
        (np.s_[:, :-1], np.s_[:, 1:]),
        (np.s_[:-1], np.s_[1:]),
    ):
        differ = (ids[first] != ids[second]) & counted[first] & counted[second]
        edge[first] |= differ
        edge[second] |= differ
    return edge


def _near(pixels: np.ndarray, others: np.ndarray, reach: float) -> int:
    """How many of the pixels have one of the others within reach."""
    if not (pixels.any() and others.any()):
        return 0
    away = cv2.distanceTransform(
        (~others).astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE
    )
    # Distances are float32: 3 pixels away may read 3.0000002.
    return int((away[pixels] <= reach + 1e-4).sum())
