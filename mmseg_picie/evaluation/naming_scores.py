"""What clusters are worth once somebody has named them, by several protocols."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from prettytable import PrettyTable

from ..errors import InputError
from ..scores import (
    CardCounts,
    MatchedScores,
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
PROTOCOLS = {
    'one_to_one': 'at most one cluster a class (Hungarian matching), by all labels of '
    'the {images}',
    'majority': 'each cluster its most frequent class, by all labels of the {images}',
    'cards': 'each cluster the most frequent class on its cards, the biggest crops of '
    'up to {num_cards} of the {images}, as a person would name it; no other label is '
    'read',
    'names': 'each cluster what it was named; no label is read',
}
FILLED = '; a cluster without a class takes that of the nearest one with a class'


@dataclass(frozen=True)
class NamingScores:
    """Scores of clusters under the names of one protocol.

    Figures of different protocols do not compare: they read different labels.

    Attributes:
        method: 'one_to_one', 'majority', 'cards' or 'names'.
        named_by: The images whose labels named the clusters, or 'a person'.
        protocol: The whole protocol in words.
        cluster_to_class: Class of each cluster, (K,), -1 for none.
        num_unnamed: Clusters on the scored images that ``named_by`` gave no class.
        scores: On the scored images; pixels of a cluster without a class are wrong.
        groups: Metrics of groups of classes, as ``partition_metrics`` names them.
    """

    method: str
    named_by: str
    protocol: str
    cluster_to_class: np.ndarray
    num_unnamed: int
    scores: MatchedScores
    groups: Mapping[str, float]

    def to_dict(self, classes: Sequence[str]) -> dict[str, Any]:
        """Plain values for JSON; None for the IoU of a class that never occurs."""
        scores = self.scores
        iou = {name: _number(value) for name, value in zip(classes, scores.iou)}
        return dict(
            method=self.method,
            named_by=self.named_by,
            protocol=self.protocol,
            aAcc=scores.aAcc,
            mIoU=scores.mIoU,
            mAcc=scores.mAcc,
            IoU=iou,
            **self.groups,
            num_unnamed=self.num_unnamed,
            cluster_to_class=self.cluster_to_class.tolist(),
        )


def score_naming(
    scored: Iterable[LabeledClusters],
    num_classes: int,
    num_clusters: int,
    labeling: Iterable[LabeledClusters] | None = None,
    num_cards: int | None = 9,
    partitions: Mapping[str, Sequence[int]] | None = None,
    centroids: np.ndarray | None = None,
    names: np.ndarray | None = None,
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

    Returns:
        One entry a protocol. 'one_to_one' and 'majority' by the labels of the scored
        images come first, since these are what papers print; then those by the labels
        of the labeling images, if there are any; then 'cards', and last 'names'.

    Raises:
        InputError: If no pixel of a stream is labeled, or an id is out of range.
    """
    cards = None
    if num_cards is not None:
        cards = CardCounts(num_classes, num_clusters, num_cards)
    counts = {}
    if labeling is not None:
        counts[LABELING] = _count(labeling, num_classes, num_clusters, cards)
        counts[SCORED] = _count(scored, num_classes, num_clusters)
    else:
        counts[SCORED] = _count(scored, num_classes, num_clusters, cards)
    for images, confusion in counts.items():
        if not confusion.sum():
            raise InputError(
                f'no pixel of the {images} has a class (all are 255): check the labels'
            )
    entries = []
    for images in sorted(counts, key=[SCORED, LABELING].index):
        for method, match in MATCHES.items():
            fill = None if method == 'one_to_one' else centroids
            found = match(counts[images])
            protocol = PROTOCOLS[method].format(images=images)
            entries.append((method, images, protocol, found, fill))
    if cards is not None:
        images = SCORED if labeling is None else LABELING
        protocol = PROTOCOLS['cards'].format(images=images, num_cards=num_cards)
        entries.append(('cards', images, protocol, cards.cluster_to_class(), centroids))
    if names is not None:
        entries.append(('names', PERSON, PROTOCOLS['names'], np.asarray(names), None))
    return [_score(counts[SCORED], partitions or {}, *entry) for entry in entries]


def _count(
    images: Iterable[LabeledClusters],
    num_classes: int,
    num_clusters: int,
    cards: CardCounts | None = None,
) -> np.ndarray:
    """Pixels by class and cluster, (C, K); fills the cards on the way."""
    counts = np.zeros((num_classes, num_clusters), dtype=np.int64)
    for clusters, labels in images:
        counts += confusion_matrix(labels, clusters, num_classes, num_clusters)
        if cards is not None:
            cards.add(clusters, labels)
    return counts


def _score(
    counts: np.ndarray,
    partitions: Mapping[str, Sequence[int]],
    method: str,
    images: str,
    protocol: str,
    found: np.ndarray,
    centroids: np.ndarray | None,
) -> NamingScores:
    num_unnamed = int(((found < 0) & (counts.sum(0) > 0)).sum())
    if centroids is not None:
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


def naming_table(rows: Sequence[NamingScores], classes: Sequence[str]) -> str:
    """Figures by protocol, IoU by class, and what each protocol is.

    Args:
        rows: As :func:`score_naming` returns them.
        classes: Names of the C classes.
    """
    groups = list(dict.fromkeys(name for row in rows for name in row.groups))
    table = PrettyTable(['', 'aAcc', 'mIoU', *classes, *groups, 'unnamed'])
    table.align[''] = 'l'
    for number, row in enumerate(rows, 1):
        figures = [row.scores.aAcc, row.scores.mIoU, *row.scores.iou]
        figures += [row.groups.get(name, math.nan) for name in groups]
        cells = ['-' if math.isnan(value) else f'{value:.1f}' for value in figures]
        table.add_row([f'{number} {row.method}', *cells, row.num_unnamed])
    notes = [f'{number} {row.protocol}' for number, row in enumerate(rows, 1)]
    return '\n'.join(
        [
            table.get_string(),
            'Percent; classes are IoU. The protocols read different labels, so that '
            'their figures do not compare:',
            *notes,
        ]
    )


def _number(value: float) -> float | None:
    return None if math.isnan(value) else float(value)
