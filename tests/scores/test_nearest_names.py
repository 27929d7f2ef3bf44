import numpy as np
import pytest

from mmseg_picie.errors import InputError
from mmseg_picie.scores import classes_of_nearest


def test_classes_equal_brute_force():
    rng = np.random.default_rng(0)
    for _ in range(5):
        centroids = rng.normal(size=(12, 3))
        given = rng.integers(-1, 4, 12)
        given[5] = 2
        found = classes_of_nearest(given, centroids)
        for cluster in range(12):
            named = [k for k in range(12) if given[k] >= 0]
            nearest = min(
                named, key=lambda k: np.linalg.norm(centroids[k] - centroids[cluster])
            )
            expected = given[cluster] if given[cluster] >= 0 else given[nearest]
            assert found[cluster] == expected


def test_a_class_that_was_given_on_is_not_given_further():
    # Cluster 1 takes over from 0; cluster 2 is nearer to 1 but asks 0 and 3.
    found = classes_of_nearest(np.array([5, -1, -1, 8]), np.array([[0], [4], [6], [9]]))
    assert found.tolist() == [5, 5, 8, 8]


def test_what_is_given_stays():
    given = np.array([1, -1])
    classes_of_nearest(given, np.eye(2))
    assert given.tolist() == [1, -1]


def test_wrong_input_is_named():
    with pytest.raises(InputError, match='no cluster has a class'):
        classes_of_nearest(np.array([-1, -1]), np.eye(2))
    with pytest.raises(InputError, match=r'centroids must be \(2, D\), got \(3, 3\)'):
        classes_of_nearest(np.array([0, -1]), np.eye(3))
