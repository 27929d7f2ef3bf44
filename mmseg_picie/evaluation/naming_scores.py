"""What clusters are worth once somebody has named them, by several protocols."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..errors import InputError
from ..scores import (
    BoundaryScores,
    CardCounts,
    MatchedScores,
    PerImageCounts,
    classes_of_nearest,
    confusion_matrix,
    hungarian_match,
    majority_match,
    matched_scores,
)
from .partition_metrics import partition_metrics

# Cluster ids and class ids of one image, (H, W) each; 255 where there is no class.
LabeledClusters = tuple[np.ndarray, np.ndarray]
SCORED, LABELING, PERSON = 'scored images', 'labeling images', 'a person'
MATCHES = {'one_to_one': hungarian_match, 'majority': majority_match}
# Each image has a matching of its own.
PER_IMAGE = {'per_image': hungarian_match, 'per_image_majority': majority_match}
PROTOCOLS = {
    'one_to_one': 'at most one cluster a class (Hungarian matching), by all labels of '
    'the {images}',
    'majority': 'each cluster its most frequent class, by all labels of the {images}',
    'cards': 'each cluster the most frequent class on its cards, the biggest crops of '
    'up to {num_cards} of the {images}, as a person would name it; no other label is '
    'read',
    'per_image': 'each image has a matching of its own: at most one cluster a class '
    '(Hungarian), by all labels of that image',
    'per_image_majority': 'each image has a matching of its own: each cluster its most '
    'frequent class there, by all labels of that image',
    'names': 'each cluster what it was named; no label is read',
}
FILLABLE = ('majority', 'cards')
FILLED = '; a cluster without a class takes that of the nearest one with a class'


@dataclass(frozen=True)
class NamingScores:
    """Scores under one protocol: of clusters that got names, or of a probe.

    Figures of different protocols do not compare: they read different labels.

    Attributes:
        method: A key of ``PROTOCOLS``, or the name of a probe.
        named_by: The images whose labels named the clusters or taught the probe, or
            'a person'.
        protocol: The whole protocol in words.
        cluster_to_class: Class of each cluster, (K,), -1 for none; None where clusters
            have no class for all images.
        num_unnamed: Clusters on the scored images that ``named_by`` gave no class.
        scores: On the scored images; pixels of a cluster without a class are wrong.
        groups: Metrics of groups of classes, as ``partition_metrics`` names them.
        boundary: Boundaries on the scored images; None where they were not asked for.
    """

    method: str
    named_by: str
    protocol: str
    cluster_to_class: np.ndarray | None
    num_unnamed: int
    scores: MatchedScores
    groups: Mapping[str, float]
    boundary: BoundaryScores | None = None

    def to_dict(self, classes: Sequence[str]) -> dict[str, Any]:
        """Plain values for JSON; None for the IoU of a class that never occurs."""
        scores, found = self.scores, self.cluster_to_class
        iou = {name: _number(value) for name, value in zip(classes, scores.iou)}
        content = dict(
            method=self.method,
            named_by=self.named_by,
            protocol=self.protocol,
            aAcc=scores.aAcc,
            mIoU=scores.mIoU,
            mAcc=scores.mAcc,
            IoU=iou,
            **self.groups,
            num_unnamed=self.num_unnamed,
            cluster_to_class=None if found is None else found.tolist(),
        )
        if self.boundary is not None:
            f = zip(classes, self.boundary.f)
            content.update(
                boundary_mF=_number(self.boundary.mF),
                boundary_F={name: _number(value) for name, value in f},
            )
        return content


def score_naming(
    scored: Iterable[LabeledClusters],
    num_classes: int,
    num_clusters: int,
    labeling: Iterable[LabeledClusters] | None = None,
    num_cards: int | None = 9,
    partitions: Mapping[str, Sequence[int]] | None = None,
    centroids: np.ndarray | None = None,
    names: np.ndarray | None = None,
    per_image: bool = False,
) -> list[NamingScores]:
    """Scores clusters as they are, named by labels, and as a person would name them.

    Each stream is walked once and nothing of an image is kept.

    Args:
        scored: Images that figures are of.
        num_classes: C.
        num_clusters: K.
        labeling: Images whose labels name the clusters, apart from the scored ones.
            Without them the scored images name, and all figures have seen their labels.
        num_cards: Cards N of each cluster; None for no such protocol.
        partitions: Class ids of groups of classes, by name.
        centroids: (K, D), to give clusters that majority and cards leave without a
            class that of the nearest. Without them their pixels are wrong.
        names: Class of each cluster as a person named them, (K,), -1 for none.
        per_image: Whether to match the clusters of each image on its own, too.

    Returns:
        One entry a protocol. 'one_to_one' and 'majority' by the labels of the scored
        images come first, since these are what papers print; then those by the labels
        of the labeling images, if there are any; then 'cards', then 'names', and last
        the two of PER_IMAGE.

    Raises:
        InputError: If no pixel of a stream is labeled, or an id is out of range.
    """
    shape = num_classes, num_clusters
    cards = None if num_cards is None else CardCounts(*shape, num_cards)
    matches = PER_IMAGE if per_image else {}
    own = {name: PerImageCounts(*shape, match) for name, match in matches.items()}
    counts = _count_both(scored, labeling, shape, cards, own.values())
    images = SCORED if labeling is None else LABELING
    entries = [
        (method, source, match(counts[source]))
        for source in dict.fromkeys([SCORED, images])
        for method, match in MATCHES.items()
    ]
    if cards is not None:
        entries.append(('cards', images, cards.cluster_to_class()))
    if names is not None:
        entries.append(('names', PERSON, np.asarray(names)))
    groups = partitions or {}
    rows = [
        _score(counts[SCORED], groups, *entry, num_cards, centroids)
        for entry in entries
    ]
    return rows + [_own(method, found, groups) for method, found in own.items()]


def _count_both(
    scored: Iterable[LabeledClusters],
    labeling: Iterable[LabeledClusters] | None,
    shape: tuple[int, int],
    cards: CardCounts | None,
    own: Iterable[PerImageCounts],
) -> dict[str, np.ndarray]:
    """Pixels by class and cluster, (C, K), of each stream; cards are of the first."""
    counts, shown = {}, [] if cards is None else [cards]
    if labeling is not None:
        counts[LABELING] = _count(labeling, *shape, *shown)
        shown = []
    counts[SCORED] = _count(scored, *shape, *shown, *own)
    for images, confusion in counts.items():
        if not confusion.sum():
            raise InputError(
                f'no pixel of the {images} has a class (all are 255): check the labels'
            )
    return counts


def _count(
    images: Iterable[LabeledClusters],
    num_classes: int,
    num_clusters: int,
    *others: CardCounts | PerImageCounts,
) -> np.ndarray:
    """Pixels by class and cluster, (C, K); the others count on the way."""
    counts = np.zeros((num_classes, num_clusters), dtype=np.int64)
    for clusters, labels in images:
        counts += confusion_matrix(labels, clusters, num_classes, num_clusters)
        for other in others:
            other.add(clusters, labels)
    return counts


def _score(
    counts: np.ndarray,
    partitions: Mapping[str, Sequence[int]],
    method: str,
    images: str,
    found: np.ndarray,
    num_cards: int | None,
    centroids: np.ndarray | None,
) -> NamingScores:
    protocol = PROTOCOLS[method].format(images=images, num_cards=num_cards)
    num_unnamed = int(((found < 0) & (counts.sum(0) > 0)).sum())
    if centroids is not None and method in FILLABLE:
        found = classes_of_nearest(found, centroids)
        protocol += FILLED
    return NamingScores(
        method=method,
        named_by=images,
        protocol=protocol,
        cluster_to_class=found,
        num_unnamed=num_unnamed,
        scores=matched_scores(counts, found),
        groups=partition_metrics(counts, found, partitions),
    )


def _own(
    method: str, counts: PerImageCounts, groups: Mapping[str, Sequence[int]]
) -> NamingScores:
    """Scores of clusters that each image matches anew."""
    classes = np.append(np.arange(len(counts.merged)), -1)
    return NamingScores(
        method=method,
        named_by=SCORED,
        protocol=PROTOCOLS[method],
        cluster_to_class=None,
        num_unnamed=0,
        scores=counts.scores(),
        groups=partition_metrics(counts.merged, classes, groups),
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
