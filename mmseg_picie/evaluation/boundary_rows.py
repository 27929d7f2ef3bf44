"""Boundary F-scores of clusters, once it is known which class each one is."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from ..scores import BoundaryCounts, confusion_matrix
from .naming_scores import PER_IMAGE, LabeledClusters, NamingScores

BOUNDARY = (
    'mean over classes of the F-score of boundary pixels: those within 2 pixels at 320 '
    '(this share of the shorter side, at least 1 pixel) of one of the other map count'
)


def with_boundaries(
    rows: Sequence[NamingScores],
    images: Iterable[LabeledClusters],
    num_classes: int,
    num_clusters: int,
) -> list[NamingScores]:
    """Adds the boundary F-score to scores of clusters.

    The classes of clusters are known only after a walk over all images, so this is a
    second walk over the same ones. Nothing of an image is kept.

    Args:
        rows: As :func:`~mmseg_picie.evaluation.score_naming` returns them.
        images: The scored images again.
        num_classes: C.
        num_clusters: K.

    Raises:
        InputError: If an id is out of range.
    """
    counts = [BoundaryCounts(num_classes) for _ in rows]
    for clusters, labels in images:
        own = confusion_matrix(labels, clusters, num_classes, num_clusters)
        for row, count in zip(rows, counts, strict=True):
            found = row.cluster_to_class
            if found is None:
                found = PER_IMAGE[row.method](own)
            # The last entry stands for -1, where there is no cluster.
            count.add(np.append(found, -1)[clusters], labels)
    return [
        replace(row, boundary=count.scores())
        for row, count in zip(rows, counts, strict=True)
    ]
