"""How far clusters and classes agree, without matching one to the other."""

import numpy as np

from ..errors import InputError


def normalized_mutual_information(confusion: np.ndarray) -> float:
    """Mutual information over the mean of the two entropies (NMI).

    2 I(class, cluster) / (H(class) + H(cluster)), as scikit-learn's
    ``normalized_mutual_info_score`` with its default arithmetic mean.

    Args:
        confusion: Pixels by class and cluster, (C, K) integers. It needs no matching,
            and C may differ from K.

    Returns:
        In percent, 0 to 100; 100 if all pixels are one class and one cluster.

    Raises:
        InputError: If the confusion is empty.

    Examples:
        >>> normalized_mutual_information(np.array([[0, 5], [5, 0]]))
        100.0
        >>> normalized_mutual_information(np.array([[5, 5], [5, 5]]))
        0.0
    """
    counts = _check_counts(confusion)
    total = counts.sum()
    joint, by_class, by_cluster = (
        part / total for part in (counts, counts.sum(1), counts.sum(0))
    )
    mean_entropy = (_entropy(by_class) + _entropy(by_cluster)) / 2
    if mean_entropy == 0:
        return 100.0
    rows, columns = np.nonzero(joint)
    shared = joint[rows, columns]
    # Logs are subtracted, because the product of two small shares could underflow.
    logs = np.log(shared) - np.log(by_class[rows]) - np.log(by_cluster[columns])
    return float(100 * np.clip((shared * logs).sum() / mean_entropy, 0, 1))


def adjusted_rand_index(confusion: np.ndarray) -> float:
    """Share of pixel pairs on which both partitions agree, corrected for chance (ARI).

    (index - expected) / (mean - expected) of Hubert and Arabie (1985), over pairs of
    pixels: index = sum_ck C(n_ck, 2), expected = sum_c C(n_c, 2) sum_k C(n_k, 2) /
    C(n, 2), mean = (sum_c C(n_c, 2) + sum_k C(n_k, 2)) / 2.

    Args:
        confusion: Pixels by class and cluster, (C, K) integers.

    Returns:
        In percent: 100 for equal partitions, 0 on average for random ones, negative
        for worse ones.

    Raises:
        InputError: If the confusion is empty.

    Examples:
        >>> adjusted_rand_index(np.array([[0, 5], [5, 0]]))
        100.0
        >>> adjusted_rand_index(np.array([[1, 1], [1, 1]]))  # fewer than by chance
        -50.0
    """
    counts = _check_counts(confusion)
    # Python integers, because the number of pairs of 10^11 pixels exceeds int64.
    together = _pairs(counts.ravel())
    in_class, in_cluster = _pairs(counts.sum(1)), _pairs(counts.sum(0))
    everything = _pairs(counts.sum(keepdims=True).ravel())
    # Both sides of the fraction are multiplied by 2 C(n, 2): only one division rounds.
    above = 2 * (together * everything - in_class * in_cluster)
    below = (in_class + in_cluster) * everything - 2 * in_class * in_cluster
    return 100 * (above / below) if below else 100.0


def purity(confusion: np.ndarray) -> float:
    """Share of the pixels whose class is the most frequent one of their cluster.

    It equals the accuracy under :func:`~mmseg_picie.scores.majority_match`. It never
    falls when a cluster is split, so compare it at equal K.

    Args:
        confusion: Pixels by class and cluster, (C, K) integers.

    Returns:
        In percent.

    Raises:
        InputError: If the confusion is empty.

    Examples:
        >>> purity(np.array([[3, 0], [1, 4]]))
        87.5
    """
    counts = _check_counts(confusion)
    return float(100 * counts.max(0).sum() / counts.sum())


def _check_counts(confusion: np.ndarray) -> np.ndarray:
    counts = np.asarray(confusion).astype(np.int64)
    if not counts.sum():
        raise InputError(
            f'confusion {counts.shape} is empty: no pixel has both a class and a '
            'cluster; check the annotations and ignore_index'
        )
    return counts


def _entropy(shares: np.ndarray) -> float:
    shares = shares[shares > 0]
    return float(-(shares * np.log(shares)).sum())


def _pairs(sizes: np.ndarray) -> int:
    return sum(size * (size - 1) // 2 for size in sizes.tolist())
