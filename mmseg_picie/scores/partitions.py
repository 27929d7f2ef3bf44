"""Scores of a group of classes, such as things or stuff, in two definitions."""

from collections.abc import Sequence

import numpy as np

from ..errors import InputError
from .matching import MatchedScores, averaged_scores, matched_confusion, matched_scores


def partition_scores(
    confusion: np.ndarray, cluster_to_class: np.ndarray, group: Sequence[int]
) -> MatchedScores:
    """Scores of a group within the whole matrix: confusions across groups count.

    IoU and accuracy of each class are those of :func:`matched_scores`. A pixel of the
    class that got a class outside the group, or none, is a miss. A pixel from outside
    the group that got the class enters its union. The means are over the group's
    classes; ``aAcc`` is over the pixels whose true class is in the group.

    The released code of PiCIE takes square slices of the matrix instead, see
    :func:`partition_block_scores`.

    Args:
        confusion: (C, K), rows are classes.
        cluster_to_class: (K,), -1 where a cluster has no class.
        group: Class ids of the group, G of them.

    Returns:
        ``iou`` and ``acc`` are (G,), in the order of ``group``. Classes without a true
        pixel are NaN and left out of the means, which are NaN if no class has one.

    Raises:
        InputError: If the confusion is empty, or the group is empty, repeats a class
            or holds one outside [0, C).

    Examples:
        >>> confusion = np.array([[3, 1, 0], [0, 2, 2], [0, 0, 4]])
        >>> partition_scores(confusion, np.arange(3), group=[0, 1]).iou
        array([75., 40.])
    """
    classes = _check_group(group, len(confusion))
    whole = matched_scores(confusion, cluster_to_class)
    merged = matched_confusion(confusion, cluster_to_class)
    hit, true = np.diagonal(merged)[classes], merged.sum(1)[classes]
    return averaged_scores(hit, true, whole.iou[classes], whole.acc[classes])


def partition_block_scores(
    confusion: np.ndarray, cluster_to_class: np.ndarray, group: Sequence[int]
) -> MatchedScores:
    """Scores of a group alone: only pixels with truth and prediction in it.

    All figures are of the square block of the matched matrix. Pixels of the group that
    got a class outside it, or none, do not count. Pixels from outside that got one of
    its classes do not count either. So no figure is lower than in
    :func:`partition_scores`. A class that has true pixels, but none of them in the
    block, scores 0.

    This is what the released code of PiCIE means by things and stuff. But it orders the
    rows of its matrix by cluster, where it should order the columns by class, so its
    slices hold arbitrary classes (docs/reference.md R7). That is not rebuilt here, and
    its figures are not comparable. It also leaves out classes that are 0 / 0 in the
    block, which rewards a clustering that misses them altogether.

    Args:
        confusion: (C, K), rows are classes.
        cluster_to_class: (K,), -1 where a cluster has no class.
        group: Class ids of the group, G of them.

    Returns:
        As :func:`partition_scores`, with the same classes left out.

    Raises:
        InputError: As :func:`partition_scores`.

    Examples:
        >>> confusion = np.array([[3, 1, 0], [0, 2, 2], [0, 0, 4]])
        >>> partition_block_scores(confusion, np.arange(3), group=[0, 1]).iou.round(1)
        array([75. , 66.7])
    """
    classes = _check_group(group, len(confusion))
    whole = matched_scores(confusion, cluster_to_class)
    merged = matched_confusion(confusion, cluster_to_class)
    block = merged[np.ix_(classes, classes)]
    hit, true = np.diagonal(block), block.sum(1)
    union = true + block.sum(0) - hit
    occurs = ~np.isnan(whole.iou[classes])
    iou = np.where(occurs, 100 * hit / np.maximum(union, 1), np.nan)
    acc = np.where(occurs, 100 * hit / np.maximum(true, 1), np.nan)
    return averaged_scores(hit, true, iou, acc)


def _check_group(group: Sequence[int], num_classes: int) -> list[int]:
    classes = [int(index) for index in group]
    if not classes or len(set(classes)) < len(classes):
        raise InputError(f'group must hold different classes, got {classes}')
    if not 0 <= min(classes) <= max(classes) < num_classes:
        raise InputError(f'group must hold ids in [0, {num_classes}), got {classes}')
    return classes
