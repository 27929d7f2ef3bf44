"""What labels say about clusters."""

from typing import Any

import numpy as np

from ..datasets import LabelFolder
from ..engine import PassProgress
from ..inference import LabeledClusterImages, Predictor
from ..scores import confusion_matrix, majority_match, matched_scores
from .pictures import hex_color

GRAY = (110, 110, 110)


def count_labels(predictor: Predictor, labels: LabelFolder) -> np.ndarray:
    """Pixels of the labeled images by class and cluster, (C, K) int64."""
    counts = np.zeros((len(labels.classes), predictor.num_clusters), np.int64)
    with PassProgress('comparing with labels', len(labels.names)) as progress:
        for clusters, classes in LabeledClusterImages(predictor, labels):
            counts += confusion_matrix(classes, clusters, *counts.shape)
            progress.advance(1)
    return counts


def describe_labels(
    confusion: np.ndarray, classes: tuple[str, ...], palette: list, num_images: int
) -> dict[str, Any]:
    """Confusion and scores for the page.

    Args:
        confusion: (C, K), rows are classes.
        classes: Names of the classes.
        palette: Color of each, [r, g, b]; black is shown as gray, for black reads as
            nothing.
        num_images: Images that were counted.

    Returns:
        ``classes``, ``palette``, ``images``, ``confusion``; ``cluster_class``, the most
        frequent class of each cluster, -1 where no label is; ``purity``, its share of
        the cluster's labeled pixels; ``iou`` of each class and ``aAcc`` and ``mIoU`` in
        percent once each cluster has the name of that class, None where a class never
        occurs.
    """
    match = majority_match(confusion)
    scores = matched_scores(confusion, match)
    purity = confusion.max(0) / np.maximum(1, confusion.sum(0))
    return dict(
        classes=list(classes),
        palette=[_visible(color) for color in palette],
        images=num_images,
        confusion=confusion.tolist(),
        cluster_class=match.tolist(),
        purity=purity.round(4).tolist(),
        iou=[None if np.isnan(value) else round(value, 2) for value in scores.iou],
        aAcc=round(scores.aAcc, 2),
        mIoU=round(scores.mIoU, 2),
    )


def _visible(color) -> str:
    return hex_color(color if any(color) else GRAY)
