from itertools import permutations

import numpy as np
import pytest
import torch
from sklearn import metrics
from sklearn.neighbors import NearestNeighbors

from mmseg_picie.scores.label_free import (
    balanced_levels,
    cluster_agreement,
    cosine_silhouette,
    explained_inertia,
    label_free_scores,
    nearest_neighbors,
    neighbor_agreement,
    size_entropy,
)


def draw(num_points=300, num_clusters=5, size=6):
    g = torch.Generator().manual_seed(0)
    clusters = torch.randint(num_clusters, (num_points,), generator=g)
    centers = torch.randn(num_clusters, size, generator=g)
    noise = torch.randn(num_points, size, generator=g)
    return centers[clusters] + noise, clusters


# --- agreement --------------------------------------------------------------------


def test_agreement_equals_the_adjusted_rand_index_of_sklearn():
    g = torch.Generator().manual_seed(1)
    first = torch.randint(4, (500,), generator=g)
    second = torch.where(
        torch.rand(500, generator=g) < 0.6,
        (first + 1) % 4,
        torch.randint(4, (500,), generator=g),
    )
    expected = 100 * metrics.adjusted_rand_score(first.numpy(), second.numpy())
    assert cluster_agreement(first, second, 4) == pytest.approx(expected)


def test_agreement_takes_more_clusters_than_a_byte_holds():
    first = torch.arange(300).repeat(2)
    second = first.clone()
    second[255] = 0
    expected = 100 * metrics.adjusted_rand_score(first.numpy(), second.numpy())
    assert expected < 100
    assert cluster_agreement(first, second, 300) == pytest.approx(expected)


@pytest.mark.parametrize('second', [[1, 1, 1, 1], [0, 0, 1, 1]])
def test_agreement_with_a_single_cluster_is_nothing(second):
    assert cluster_agreement(torch.zeros(4).long(), torch.tensor(second), 3) == 0


# --- inertia ----------------------------------------------------------------------


def test_explained_inertia_restates_its_formula():
    points, clusters = draw()
    within = sum(
        ((part - part.mean(0)) ** 2).sum()
        for part in (points[clusters == k].double() for k in range(5))
    )
    total = ((points.double() - points.double().mean(0)) ** 2).sum()
    expected = 100 * (1 - (within / 295) / (total / 299))
    # A cluster that is not in use changes nothing.
    assert explained_inertia(points, clusters, 6) == pytest.approx(float(expected))


def test_explained_inertia_of_all_random_labels_is_zero_on_average():
    points = torch.tensor([[0.0, 1.0], [2.0, 0.0], [3.0, 5.0], [1.0, 1.0], [7.0, 2.0]])
    scores = [
        explained_inertia(points, torch.tensor(labels), 2)
        for labels in permutations([0, 0, 0, 1, 1])
    ]
    assert np.mean(scores) == pytest.approx(0, abs=1e-9)
    assert max(scores) > 20


def test_points_on_their_means_are_explained_in_full():
    points = torch.eye(3).repeat(4, 1)
    assert explained_inertia(points, torch.arange(3).repeat(4), 3) == 100
    assert explained_inertia(points, torch.zeros(12).long(), 3) == 0


# --- sizes ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ('sizes', 'expected'), [([2, 1, 1, 0], 75), ([3, 3, 3], 100), ([0, 9], 0)]
)
def test_size_entropy_of_hand_made_sizes(sizes, expected):
    assert size_entropy(torch.tensor(sizes)) == pytest.approx(expected)


# --- silhouette -------------------------------------------------------------------


def test_silhouette_equals_sklearn():
    points, clusters = draw()
    clusters[clusters == 2] = 0
    clusters[7] = 2  # a point alone; cluster 5 has none
    points[8] = 0  # no direction: its distance is 1 to all others
    expected = metrics.silhouette_score(
        points.double().numpy(), clusters.numpy(), metric='cosine'
    )
    assert cosine_silhouette(points, clusters, 6) == pytest.approx(100 * expected)


def test_silhouette_of_a_single_cluster_is_zero():
    points, _ = draw(20)
    assert cosine_silhouette(points, torch.ones(20).long(), 3) == 0


# --- neighbors -------------------------------------------------------------------


def test_neighbors_equal_sklearn():
    points, _ = draw(80)
    expected = (
        NearestNeighbors(n_neighbors=5, metric='cosine')
        .fit(points.numpy())
        .kneighbors(return_distance=False)
    )
    # Every point a group of its own: all but itself are candidates.
    found = nearest_neighbors(points, torch.arange(80), 5)
    assert np.array_equal(found.numpy(), expected)


def test_neighbors_are_of_other_groups():
    groups = torch.tensor([0, 0, 1, 1])
    points = torch.tensor([[1.0, 0.0], [1.0, 0.1], [1.0, 0.2], [0.0, 1.0]])
    assert nearest_neighbors(points, groups, 2).tolist() == [
        *([2, 3], [2, 3]),
        *([1, 0], [1, 0]),
    ]
    with pytest.raises(ValueError, match='count is 3, .* only 2 points'):
        nearest_neighbors(points, groups, 3)


def test_neighbor_agreement_of_a_hand_made_case():
    clusters = torch.tensor([0, 0, 1, 1])
    neighbors = torch.tensor([[1], [0], [3], [1]])
    # 3 of 4 agree; by chance 2 of 6 pairs do.
    expected = 100 * (3 / 4 - 1 / 3) / (1 - 1 / 3)
    assert neighbor_agreement(clusters, neighbors, 3) == pytest.approx(expected)


def test_neighbor_agreement_of_all_random_labels_is_zero_on_average():
    neighbors = torch.tensor([[1, 2], [0, 4], [3, 0], [2, 4], [1, 0]])
    scores = [
        neighbor_agreement(torch.tensor(labels), neighbors, 2)
        for labels in permutations([0, 0, 0, 1, 1])
    ]
    assert np.mean(scores) == pytest.approx(0, abs=1e-9)


def test_neighbor_agreement_of_a_single_cluster_is_nothing():
    assert (
        neighbor_agreement(torch.ones(3).long(), torch.tensor([[1], [2], [0]]), 2) == 0
    )


def test_points_without_neighbors_have_no_agreement():
    neighbors = torch.zeros(1, 0, dtype=torch.int32)
    assert neighbor_agreement(torch.zeros(1).long(), neighbors, 2) is None


def test_levels_get_equal_total_variance():
    g = torch.Generator().manual_seed(0)
    levels = torch.randn(50, 5, generator=g) * torch.tensor([1.0, 1.0, 9.0, 9.0, 9.0])
    balanced = balanced_levels(levels + 3, [2, 3])
    for part in balanced.split([2, 3], dim=1):
        assert part.var(0, correction=0).sum() == pytest.approx(1, rel=1e-5)
    assert balanced.mean(0).abs().max() < 1e-6
    ratio = balanced / (levels - levels.mean(0))
    assert ratio[:, 0].std() < 1e-4  # scaled, not turned


# --- together ---------------------------------------------------------------------


def test_scores_are_those_of_the_formulas():
    points, clusters = draw()
    views = clusters, (clusters + 1) % 4
    neighbors = nearest_neighbors(points, torch.arange(300), 3)
    assert label_free_scores(points, clusters, views, neighbors, 5) == dict(
        view_agreement=cluster_agreement(*views, 5),
        explained_inertia=explained_inertia(points, clusters, 5),
        size_entropy=size_entropy(torch.bincount(clusters)),
        silhouette=cosine_silhouette(points, clusters, 5),
        neighbor_agreement=neighbor_agreement(clusters, neighbors, 5),
    )
