"""Classes for clusters that no labeled pixel fell into."""

import numpy as np

from ..errors import InputError


def classes_of_nearest(
    cluster_to_class: np.ndarray, centroids: np.ndarray
) -> np.ndarray:
    """Gives a cluster without a class that of the nearest cluster with one.

    Args:
        cluster_to_class: Class of each cluster, (K,), -1 for none.
        centroids: (K, D).

    Returns:
        (K,) int64; distances are euclidean, ties go to the lowest cluster.

    Raises:
        InputError: If no cluster has a class, or there are not K centroids.

    Examples:
        >>> classes_of_nearest(np.array([4, -1, 7]), np.array([[0.0], [2.0], [3.0]]))
        array([4, 7, 7])
    """
    classes = np.asarray(cluster_to_class).astype(np.int64)
    centroids = np.asarray(centroids, dtype=np.float64)
    if centroids.ndim != 2 or len(centroids) != len(classes):
        raise InputError(
            f'centroids must be ({len(classes)}, D), got {centroids.shape}'
        )
    named = np.flatnonzero(classes >= 0)
    if not len(named):
        raise InputError(
            'no cluster has a class, so there is none to take over: check that the '
            'labels are of these images'
        )
    for cluster in np.flatnonzero(classes < 0):
        distances = np.square(centroids[named] - centroids[cluster]).sum(1)
        classes[cluster] = classes[named[distances.argmin()]]
    return classes
