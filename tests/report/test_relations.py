"""Order, neighbors and suggestions of clusters."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from mmseg_picie.report.relations import (
    LEAST_BORDER,
    cosines,
    count_borders,
    leaf_order,
    nearest_clusters,
    suggest_merges,
)


@pytest.fixture
def centroids():
    return np.random.default_rng(0).normal(size=(12, 5))


def test_cosines_are_those_of_scipy(centroids):
    assert np.allclose(cosines(centroids), 1 - cdist(centroids, centroids, 'cosine'))


def test_a_centroid_of_length_zero_is_like_nothing(centroids):
    centroids[3] = 0
    assert (cosines(centroids)[3] == 0).all()
    assert sorted(leaf_order(cosines(centroids))) == list(range(12))


def test_nearest_clusters_are_others_by_cosine(centroids):
    cosine = cosines(centroids)
    for own, near in enumerate(nearest_clusters(cosine, 3)):
        others = [k for k in range(12) if k != own]
        best = sorted(others, key=lambda k: -cosine[own, k])[:3]
        assert near.tolist() == best


def test_borders_are_counted_pixel_by_pixel():
    ids = np.random.default_rng(1).integers(0, 4, (9, 7))
    expected = np.zeros((4, 4), int)
    for y in range(9):
        for x in range(7):
            for dy, dx in ((0, 1), (1, 0)):
                if y + dy < 9 and x + dx < 7 and ids[y, x] != ids[y + dy, x + dx]:
                    a, b = ids[y, x], ids[y + dy, x + dx]
                    expected[a, b] += 1
                    expected[b, a] += 1
    assert np.array_equal(count_borders(ids.astype(np.uint8), 4), expected)


def test_leaf_order_walks_along_a_line():
    angles = np.array([0.9, 0.1, 0.5, 0.3, 0.7])
    points = np.stack([np.cos(angles), np.sin(angles)], 1)
    order = leaf_order(cosines(points))
    assert order in ([1, 3, 2, 4, 0], [0, 4, 2, 3, 1])


@pytest.mark.parametrize('count', [1, 2])
def test_one_or_two_clusters_have_an_order(count):
    assert leaf_order(np.ones((count, count))) == list(range(count))


def test_merges_need_likeness_and_a_common_border():
    # Two groups of 6, alike within; only 0-1 and 0-6 touch each other much.
    group = np.repeat([0, 1], 6)
    cosine = np.where(group[:, None] == group, 0.9, 0.1)
    np.fill_diagonal(cosine, 1)
    borders = np.zeros((12, 12), int)
    for a, b, pixels in ((0, 1, 50), (0, 6, 80), (2, 3, 1), (3, 9, 99), (2, 8, 99)):
        borders[a, b] = borders[b, a] = pixels
    sizes = np.arange(12)[::-1]
    found = suggest_merges(cosine, borders, sizes)
    assert 1 / 100 < LEAST_BORDER < 50 / 130
    # 2-3 touch at a hundredth of their borders; 0-6 touch and are not alike.
    assert [(p.first, p.second) for p in found] == [(0, 1)]
    assert found[0].border == 1.0 and found[0].cosine == 0.9


def test_the_smaller_cluster_comes_second():
    cosine = np.array([[1, 0.5], [0.5, 1]])
    borders = np.array([[0, 3], [3, 0]])
    assert suggest_merges(cosine, borders, np.array([1, 9]))[0][:2] == (1, 0)
