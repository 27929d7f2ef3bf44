"""Metrics of the groups of classes that a data set names, such as things and stuff."""

from collections.abc import Mapping, Sequence

import numpy as np

from ..scores import partition_block_scores, partition_scores

SCORES = {'': partition_scores, '_block': partition_block_scores}
# What each kind of metric name means; logged and stored beside the figures.
DEFINITIONS = {
    'aAcc_GROUP, mIoU_GROUP': 'classes of the group in the whole matched confusion '
    'matrix; confusions with classes outside the group count as errors',
    'aAcc_GROUP_block, mIoU_GROUP_block': 'block of the matched confusion matrix with '
    'truth and prediction in the group; no other pixel counts',
}


def partition_metrics(
    confusion: np.ndarray,
    cluster_to_class: np.ndarray,
    partitions: Mapping[str, Sequence[int]],
) -> dict[str, float]:
    """Accuracy and mIoU of each group in both definitions.

    Args:
        confusion: (C, K), rows are classes.
        cluster_to_class: (K,), -1 where a cluster has no class.
        partitions: Class ids of each group.

    Returns:
        Percent by name, as in ``DEFINITIONS``. A group that has no class, or none
        that occurs, has no figures.

    Raises:
        InputError: If a group repeats a class or holds one outside [0, C).
    """
    metrics = {}
    for name, group in partitions.items():
        if not len(group):
            continue
        for suffix, score in SCORES.items():
            scores = score(confusion, cluster_to_class, group)
            if not np.isnan(scores.mIoU):
                metrics[f'aAcc_{name}{suffix}'] = scores.aAcc
                metrics[f'mIoU_{name}{suffix}'] = scores.mIoU
    return metrics
