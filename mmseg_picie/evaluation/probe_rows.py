"""Scores of probes in the form of those of clusters, so that one table has both."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from ..errors import InputError
from ..scores import BoundaryCounts, confusion_matrix, matched_scores
from .naming_scores import LABELING, NamingScores
from .partition_metrics import partition_metrics
from .pixel_probe import LabeledEmbedding, PixelProbe


def probe_row(
    method: str,
    protocol: str,
    probe: PixelProbe,
    batches: Iterable[Sequence[LabeledEmbedding]],
    partitions: Mapping[str, Sequence[int]] | None = None,
    boundary: bool = False,
) -> NamingScores:
    """Scores what a probe predicts of images that it did not learn from.

    Args:
        method: Name of the probe in tables.
        protocol: What it is, in words.
        probe: Learned from the labeling images.
        batches: Each scored image once.
        partitions: Class ids of groups of classes, by name.
        boundary: Whether to score boundaries, too.

    Raises:
        InputError: If no pixel has a class.
    """
    num_classes = probe.num_classes
    counts = np.zeros((num_classes, num_classes), dtype=np.int64)
    edges = BoundaryCounts(num_classes) if boundary else None
    for images in batches:
        for found, labels in probe.predict(images):
            found, labels = found.cpu().numpy(), labels.cpu().numpy()
            counts += confusion_matrix(labels, found, num_classes, num_classes)
            if edges is not None:
                edges.add(found, labels)
    if not counts.sum():
        raise InputError(
            'no pixel of the scored images has a class (all are 255): check the labels'
        )
    own = np.arange(num_classes)
    return NamingScores(
        method=method,
        named_by=LABELING,
        protocol=protocol,
        cluster_to_class=None,
        num_unnamed=0,
        scores=matched_scores(counts, own),
        groups=partition_metrics(counts, own, partitions or {}),
        boundary=None if edges is None else edges.scores(),
    )
