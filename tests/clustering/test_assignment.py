import pytest
import torch

from mmseg_picie.clustering.assignment import (
    RULES,
    cluster_scores,
    cluster_sums,
    nearest_cluster,
    sum_of_squares,
)


def draw(num_points=500, num_clusters=7, size=5, dtype=torch.float64, seed=0):
    generator = torch.Generator().manual_seed(seed)
    points = torch.randn(num_points, size, generator=generator, dtype=dtype)
    points = torch.nn.functional.normalize(points, dim=1)
    centroids = torch.randn(num_clusters, size, generator=generator, dtype=dtype)
    return points, centroids * torch.linspace(0.2, 1.5, num_clusters)[:, None].to(dtype)


def test_scores_equal_each_rules_formula():
    points, centroids = draw()
    dot = torch.stack([torch.stack([(z * c).sum() for c in centroids]) for z in points])
    norms = torch.stack([(c * c).sum().sqrt() for c in centroids])
    expected = dict(euclidean=dot - norms**2 / 2, cosine=dot / norms, dot=dot)
    for rule in RULES:
        scores = cluster_scores(points, centroids, rule)
        torch.testing.assert_close(scores, expected[rule])


@pytest.mark.parametrize('chunk_size', [1, 64, 500, 10_000])
def test_nearest_equals_full_distances_in_any_chunks(chunk_size):
    points, centroids = draw()
    distances = (points[:, None] - centroids[None]).square().sum(2)
    cosines = torch.nn.functional.cosine_similarity(points[:, None], centroids, dim=2)
    for rule, expected in (
        ('euclidean', distances.argmin(1)),
        ('cosine', cosines.argmax(1)),
        ('dot', (points @ centroids.T).argmax(1)),
    ):
        labels = nearest_cluster(points, centroids, rule, chunk_size)
        assert labels.dtype == torch.int64
        assert torch.equal(labels, expected), rule


def test_rules_disagree_where_norms_differ():
    points, centroids = draw()
    labels = [nearest_cluster(points, centroids, rule) for rule in RULES]
    assert not torch.equal(labels[0], labels[1])
    assert not torch.equal(labels[0], labels[2])


def test_rounding_makes_no_negative_sum_of_squares():
    one = torch.ones(1, 1, dtype=torch.float64)
    sums = one * (1 + 1e-9)  # squares - 2 c sums + c^2 = -2e-9
    assert sum_of_squares(one, sums, torch.ones(1), one[0, 0]) == 0


def test_ties_go_to_the_lowest_id():
    # Long rows of equal columns take the vectorised path of the reduction.
    centroids = torch.ones(67, 3)
    centroids[:5] = -1
    points = torch.ones(5000, 3)
    assert (nearest_cluster(points, centroids) == 5).all()


def test_no_points_have_no_clusters():
    _, centroids = draw()
    labels = nearest_cluster(centroids[:0], centroids)
    assert labels.shape == (0,) and labels.dtype == torch.int64
    sums, counts, squares = cluster_sums(centroids[:0], centroids)
    assert not sums.any() and not counts.any() and not squares


def test_scores_are_differentiable_in_points():
    points, centroids = draw(num_points=4)
    points.requires_grad_()
    for rule in RULES:
        assert torch.autograd.gradcheck(
            lambda z, rule=rule: cluster_scores(z, centroids, rule), points
        )


def test_autocast_does_not_lower_the_precision():
    points, centroids = draw(dtype=torch.float32)
    expected = nearest_cluster(points, centroids)
    with torch.autocast('cpu', dtype=torch.bfloat16):
        assert (points @ centroids.T).dtype == torch.bfloat16
        assert cluster_scores(points, centroids).dtype == torch.float32
        assert torch.equal(nearest_cluster(points, centroids), expected)


def test_half_precision_points_meet_full_precision_centroids():
    points, centroids = draw(dtype=torch.float32)
    points = points.bfloat16()
    expected = nearest_cluster(points.float(), centroids)
    assert torch.equal(nearest_cluster(points, centroids), expected)
    sums, _, _ = cluster_sums(points, centroids)
    torch.testing.assert_close(sums, cluster_sums(points.float(), centroids)[0])


def test_sums_equal_one_cluster_at_a_time():
    points, centroids = draw(num_points=9001)
    sums, counts, squares = cluster_sums(points, centroids)
    labels = (points[:, None] - centroids[None]).square().sum(2).argmin(1)
    for cluster in range(len(centroids)):
        own = points[labels == cluster]
        assert counts[cluster] == len(own)
        torch.testing.assert_close(sums[cluster], own.sum(0), atol=1e-10, rtol=0)
    expected = (points - centroids[labels]).square().sum()
    torch.testing.assert_close(
        sum_of_squares(centroids, sums, counts, squares), expected
    )


def test_float32_sums_of_many_points_do_not_drift():
    points = torch.full((1 << 20, 1), 0.1)
    expected = float(points[0].double()) * (1 << 20)
    ids = torch.zeros(1 << 20, dtype=torch.int64)
    at_once = torch.zeros(1, 1).index_add_(0, ids, points)
    assert abs(float(at_once) / expected - 1) > 1e-3
    sums, counts, _ = cluster_sums(points, torch.zeros(1, 1))
    assert abs(float(sums) / expected - 1) < 1e-4
    assert counts.tolist() == [1 << 20]


def test_bad_arguments_are_named():
    points, centroids = draw()
    with pytest.raises(ValueError, match="'l2'"):
        cluster_scores(points, centroids, 'l2')
    with pytest.raises(ValueError, match=r'\(500, 4\)'):
        nearest_cluster(points[:, :4], centroids)
    with pytest.raises(ValueError, match='chunk_size'):
        nearest_cluster(points, centroids, chunk_size=0)
