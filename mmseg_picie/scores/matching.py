"""From clusters to classes: confusion, matching, scores."""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from ..errors import InputError


@dataclass(frozen=True)
class MatchedScores:
    """Scores of a clustering under a cluster-to-class map, in percent.

    Attributes:
        aAcc: Pixels whose cluster maps to their class.
        mIoU: Mean of ``iou`` over the classes that occur.
        mAcc: Mean of ``acc`` over the classes that occur.
        iou: Intersection over union of each class, (C,); NaN if it never occurs.
        acc: Share of each class's pixels that are right, (C,); NaN as above.
    """

    aAcc: float
    mIoU: float
    mAcc: float
    iou: np.ndarray
    acc: np.ndarray


def confusion_matrix(
    class_labels: np.ndarray,
    cluster_labels: np.ndarray,
    num_classes: int,
    num_clusters: int,
    ignore_index: int = 255,
) -> np.ndarray:
    """Counts pixels by class and cluster.

    Args:
        class_labels: Class ids, any shape; ``ignore_index`` where none.
        cluster_labels: Cluster ids, same shape; -1 where none.
        num_classes: C.
        num_clusters: K.
        ignore_index: Class id of pixels that do not count.

    Returns:
        (C, K) int64, rows are classes.

    Raises:
        InputError: If the shapes differ or an id is out of range.

    Examples:
        >>> confusion_matrix(np.array([0, 0, 1, 255]), np.array([2, 2, 0, 1]), 2, 3)
        array([[0, 0, 2],
               [1, 0, 0]])
    """
    classes = np.asarray(class_labels)
    clusters = np.asarray(cluster_labels)
    if classes.shape != clusters.shape:
        raise InputError(
            f'class_labels {classes.shape} and cluster_labels {clusters.shape} must '
            'have the same shape'
        )
    counted = (classes != ignore_index) & (clusters != -1)
    classes = classes[counted].astype(np.int64)
    clusters = clusters[counted].astype(np.int64)
    _check_range('class_labels', classes, num_classes, f'or {ignore_index} (ignored)')
    _check_range('cluster_labels', clusters, num_clusters, 'or -1 (none)')
    pairs = classes * num_clusters + clusters
    counts = np.bincount(pairs, minlength=num_classes * num_clusters)
    return counts.reshape(num_classes, num_clusters).astype(np.int64)


def _check_range(name: str, ids: np.ndarray, number: int, extra: str) -> None:
    if ids.size and (ids.min() < 0 or ids.max() >= number):
        wrong = np.unique(ids[(ids < 0) | (ids >= number)]).tolist()
        raise InputError(
            f'{name} holds {wrong[:10]}, expected ids in [0, {number}) {extra}: check '
            'the encoding of the labels and the number of classes or clusters'
        )


def hungarian_match(confusion: np.ndarray) -> np.ndarray:
    """The one-to-one map that gets most pixels right.

    Args:
        confusion: (C, K), rows are classes; any C and K.

    Returns:
        Class of each cluster, (K,) int64. -1 for a cluster that is left over (K > C)
        or has no pixel of the class that is left for it (the scores stay the same).

    Examples:
        >>> hungarian_match(np.array([[5, 4, 0], [4, 0, 0]]))  # 4 + 4 beats 5 + 0
        array([ 1,  0, -1])
    """
    confusion = np.asarray(confusion)
    classes, clusters = linear_sum_assignment(confusion, maximize=True)
    cluster_to_class = np.full(confusion.shape[1], -1, dtype=np.int64)
    shared = confusion[classes, clusters] > 0
    cluster_to_class[clusters[shared]] = classes[shared]
    return cluster_to_class


def majority_match(confusion: np.ndarray) -> np.ndarray:
    """The most frequent class of each cluster, several clusters to one class.

    Args:
        confusion: (C, K), rows are classes.

    Returns:
        (K,) int64; ties go to the lowest class, -1 for a cluster without pixels.

    Examples:
        >>> majority_match(np.array([[5, 4, 0], [4, 0, 0]]))
        array([ 0,  0, -1])
    """
    confusion = np.asarray(confusion)
    best = confusion.argmax(0).astype(np.int64)
    return np.where(confusion.sum(0) > 0, best, -1)


def matched_confusion(
    confusion: np.ndarray, cluster_to_class: np.ndarray
) -> np.ndarray:
    """Merges clusters into the classes they map to.

    Args:
        confusion: (C, K), rows are classes.
        cluster_to_class: (K,), -1 where a cluster has no class.

    Returns:
        (C, C + 1) int64: true by predicted class, last the pixels without a class.

    Examples:
        >>> matched_confusion(np.array([[5, 4, 1], [4, 0, 0]]), np.array([1, 0, -1]))
        array([[4, 5, 1],
               [0, 4, 0]])
    """
    confusion = np.asarray(confusion)
    merged = np.zeros((len(confusion), len(confusion) + 1), dtype=np.int64)
    np.add.at(merged.T, np.asarray(cluster_to_class), confusion.T)
    return merged


def matched_scores(
    confusion: np.ndarray, cluster_to_class: np.ndarray
) -> MatchedScores:
    """Scores a clustering under a cluster-to-class map.

    Pixels of clusters without a class are misses of their own class, false positives
    of none and errors in the accuracy. A class that no cluster maps to scores 0. A
    class without a true pixel is left out of the means.

    Args:
        confusion: (C, K), rows are classes.
        cluster_to_class: (K,), -1 where a cluster has no class.

    Raises:
        InputError: If the confusion is empty.

    Examples:
        >>> scores = matched_scores(np.array([[3, 0], [1, 4]]), np.array([0, 1]))
        >>> scores.aAcc, scores.iou
        (87.5, array([75., 80.]))
    """
    merged = matched_confusion(confusion, cluster_to_class)
    hit = np.diagonal(merged)
    true = merged.sum(1)
    if not true.sum():
        raise InputError(
            'the confusion matrix is empty: every label is ignored or no image was '
            'evaluated; check the annotations and ignore_index'
        )
    union = true + merged[:, :-1].sum(0) - hit
    occurs = true > 0
    iou = np.full(len(true), np.nan)
    acc = np.full(len(true), np.nan)
    iou[occurs] = 100 * hit[occurs] / union[occurs]
    acc[occurs] = 100 * hit[occurs] / true[occurs]
    return averaged_scores(hit, true, iou, acc)


def averaged_scores(
    hit: np.ndarray, true: np.ndarray, iou: np.ndarray, acc: np.ndarray
) -> MatchedScores:
    """Averages the scores of classes.

    Args:
        hit: Pixels of each class that are right, (C,).
        true: Pixels of each class, (C,).
        iou: Percent, (C,); NaN for a class that never occurs.
        acc: Percent, (C,); NaN as above.
    """
    occurs = ~np.isnan(iou)
    if not occurs.any():
        return MatchedScores(np.nan, np.nan, np.nan, iou, acc)
    return MatchedScores(
        aAcc=float(100 * hit.sum() / max(true.sum(), 1)),
        mIoU=float(iou[occurs].mean()),
        mAcc=float(acc[occurs].mean()),
        iou=iou,
        acc=acc,
    )
