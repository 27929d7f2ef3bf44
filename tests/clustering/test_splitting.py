"""A cluster is divided as k-means says, and the others stay where they are."""

import pytest
import torch

from mmseg_picie.clustering import score_map, split_cluster
from mmseg_picie.errors import InputError

SPREAD = 0.02


def blobs(centers, count, seed=0):
    generator = torch.Generator().manual_seed(seed)
    centers = torch.tensor(centers).repeat_interleave(count, 0)
    return centers + SPREAD * torch.randn(centers.shape, generator=generator)


def layer(centroids):
    matrix, offset = score_map(torch.tensor(centroids), 'euclidean')
    return matrix.T, offset


def nearest(points, weight, bias):
    return (points @ weight.T + bias).argmax(1)


@pytest.fixture
def mixed():
    """Cluster 0 holds a blob of 300 and one of 100 points; cluster 1 is beside it."""
    weight, bias = layer([[0.5, 0.0], [0.5, 1.0]])
    own = torch.cat([blobs([[0.3, 0.0]], 300), blobs([[0.9, 0.1]], 100)])
    assert (nearest(own, weight, bias) == 0).all()
    return own, weight, bias


def test_two_blobs_become_two_parts_the_larger_first(mixed):
    own, weight, bias = mixed
    parts = split_cluster(own, weight, bias, 0, 2, seed=0)
    means = torch.stack([own[:300].mean(0), own[300:].mean(0)])
    assert torch.allclose(parts.centroids, means, atol=1e-5)
    assert torch.allclose(parts.shares, torch.tensor([0.75, 0.25]).double())
    found = nearest(own, parts.weight, parts.bias)
    assert torch.equal(
        found, torch.arange(2).repeat_interleave(torch.tensor([300, 100]))
    )


def test_border_between_parts_is_that_of_their_centroids_everywhere(mixed):
    own, weight, bias = mixed
    parts = split_cluster(own, weight, bias, 0, 3, seed=0)
    grid = torch.cartesian_prod(torch.linspace(-2, 2, 81), torch.linspace(-2, 2, 81))
    expected = torch.cdist(grid.double(), parts.centroids.double())
    near = expected.topk(2, largest=False).values.diff(dim=1)[:, 0]
    clear = near > 1e-3  # a tie goes either way
    found = nearest(grid, parts.weight, parts.bias)
    assert torch.equal(found[clear], expected.argmin(1)[clear])


def test_other_clusters_keep_their_points_where_centroids_would_take_them(mixed):
    own, weight, bias = mixed
    parts = split_cluster(own, weight, bias, 0, 2, seed=0)
    grid = torch.cartesian_prod(torch.linspace(-2, 2, 401), torch.linspace(-2, 2, 401))
    before = nearest(grid, weight, bias)

    def changed(new_weight, new_bias):
        after = nearest(
            grid,
            torch.cat([new_weight, weight[1:]]),
            torch.cat([new_bias, bias[1:]]),
        )
        return ((after < 2) != (before == 0)).float().mean()

    assert changed(parts.weight, parts.bias) < 0.02
    assert changed(*layer(parts.centroids.tolist())) > 0.04


def test_best_part_scores_as_the_cluster_at_the_median(mixed):
    own, weight, bias = mixed
    parts = split_cluster(own, weight, bias, 0, 2, seed=0)
    best = (own @ parts.weight.T + parts.bias).max(1).values
    gain = best - (own @ weight[0] + bias[0])
    assert abs(float(gain.median())) < 1e-6
    leads = (own @ weight.T + bias).topk(2).values.diff(dim=1).abs()
    # A fiftieth of the lead is the deviation of the parts' scores.
    scores = own @ parts.weight.T + parts.bias - (own @ weight[0] + bias[0])[:, None]
    assert float(scores.std()) == pytest.approx(0.02 * float(leads.median()), rel=1e-3)


def test_parts_can_be_divided_again():
    centers = [[0.2, 0.0], [0.3, 0.0], [0.8, 0.1], [0.9, 0.1]]
    own = blobs(centers, 200) * 1.0
    weight, bias = layer([[0.5, 0.0], [0.5, 1.0]])
    parts = split_cluster(own, weight, bias, 0, 2, seed=0)
    weight = torch.cat([parts.weight[:1], weight[1:], parts.weight[1:]])
    bias = torch.cat([parts.bias[:1], bias[1:], parts.bias[1:]])
    ids = nearest(own, weight, bias)
    assert sorted(ids.unique().tolist()) == [0, 2]
    again = split_cluster(own[ids == 2], weight, bias, 2, 2, seed=0)
    weight = torch.cat([weight[:2], again.weight])
    bias = torch.cat([bias[:2], again.bias])
    after = nearest(own, weight, bias)
    assert torch.equal(after == 0, ids == 0)
    expected = torch.cdist(own[ids == 2], again.centroids).argmin(1)
    assert torch.equal(after[ids == 2] - 2, expected)


@pytest.mark.parametrize(
    ('points', 'parts', 'words'),
    [
        (blobs([[0.3, 0.0]], 50), 1, 'parts must be >= 2, got 1'),
        (blobs([[0.3, 0.0]], 3), 4, 'cluster 0 has 3 points in the images, too few'),
        (torch.zeros(0, 2), 2, 'cluster 0 has 0 points'),
        (torch.full((50, 2), 0.3), 2, 'cluster 0 has fewer than 2 different points'),
    ],
)
def test_what_cannot_be_divided_is_refused(points, parts, words):
    with pytest.raises(InputError, match=words):
        split_cluster(points, *layer([[0.5, 0.0], [0.5, 1.0]]), 0, parts, seed=0)


def test_cluster_that_leads_by_nothing_is_refused():
    with pytest.raises(InputError, match='float32 does not hold'):
        split_cluster(
            blobs([[0.3, 0.0], [0.6, 0.0]], 50),
            *layer([[0.5, 0.0], [0.5, 0.0]]),
            0,
            2,
            seed=0,
        )
