from dataclasses import replace

import numpy as np
import pytest
import torch
from sklearn.cluster import KMeans, kmeans_plusplus

from mmseg_picie.clustering import KMeansSettings, kmeans, lloyd
from mmseg_picie.clustering.kmeans import _kmeans_plus_plus


def blobs(num_points=600, num_clusters=6, size=4, spread=0.3, seed=0):
    generator = np.random.default_rng(seed)
    centers = generator.normal(size=(num_clusters, size)) * 3
    labels = generator.integers(num_clusters, size=num_points)
    points = centers[labels] + spread * generator.normal(size=(num_points, size))
    return torch.from_numpy(points)


def sklearn_lloyd(points, centroids, iterations, tolerance=0.0):
    return KMeans(
        len(centroids),
        init=centroids.numpy(),
        n_init=1,
        max_iter=iterations,
        tol=tolerance,
        algorithm='lloyd',
    ).fit(points.numpy())


def distances(points, centroids):
    return (points[:, None] - centroids[None]).square().sum(2)


@pytest.mark.filterwarnings('ignore::sklearn.exceptions.ConvergenceWarning')
@pytest.mark.parametrize('iterations', [1, 3, 300])
def test_lloyd_equals_sklearn(iterations):
    points = blobs(spread=1.5)
    result = lloyd(points, points[:6], iterations)
    expected = sklearn_lloyd(points, points[:6], iterations)
    centroids = torch.from_numpy(expected.cluster_centers_)
    torch.testing.assert_close(result.centroids, centroids, atol=1e-10, rtol=0)
    sizes = np.bincount(distances(points, centroids).argmin(1), minlength=6)
    assert result.cluster_size.tolist() == sizes.tolist()
    assert result.inertia == pytest.approx(expected.inertia_, rel=1e-10)
    assert result.iterations == expected.n_iter_
    assert (result.iterations < iterations) == (iterations == 300)


def test_tolerance_ends_where_sklearns_does():
    points = blobs(spread=1.5)
    result = lloyd(points, points[:6], 300, tolerance=1e-2)
    expected = sklearn_lloyd(points, points[:6], 300, tolerance=1e-2)
    assert result.iterations == expected.n_iter_
    assert result.iterations < lloyd(points, points[:6], 300).iterations
    torch.testing.assert_close(
        result.centroids, torch.from_numpy(expected.cluster_centers_)
    )


@pytest.mark.filterwarnings('ignore::sklearn.exceptions.ConvergenceWarning')
@pytest.mark.parametrize('iterations', [1, 10])
def test_empty_cluster_is_relocated_as_sklearn_does(iterations):
    points = blobs(num_clusters=3)
    start = torch.cat([points[:3], torch.full((1, 4), 100.0, dtype=points.dtype)])
    assert not (distances(points, start).argmin(1) == 3).any()
    result = lloyd(points, start, iterations)
    expected = sklearn_lloyd(points, start, iterations)
    torch.testing.assert_close(
        result.centroids,
        torch.from_numpy(expected.cluster_centers_),
        atol=1e-10,
        rtol=0,
    )
    assert (result.cluster_size > 0).all()


def test_empty_cluster_takes_no_point_that_lies_on_its_centroid():
    points, start = torch.zeros(4, 1), torch.tensor([[0.0], [5.0]])
    result = lloyd(points, start, 3)
    assert torch.equal(result.centroids, start)
    assert result.cluster_size.tolist() == [4, 0]


def test_fewer_distinct_points_than_clusters_stays_finite():
    points = torch.tensor([[0.0, 1.0], [1.0, 0.0]]).repeat(10, 1)
    for init in ('k-means++', 'random'):
        result = kmeans(points, 5, seed=0, settings=KMeansSettings(init=init))
        assert result.centroids.isfinite().all()
        assert result.cluster_size.sum() == 20
        assert init == 'random' or result.inertia == 0


@pytest.mark.parametrize('init', ['k-means++', 'random'])
def test_result_follows_the_seed_and_no_global_generator(init):
    points = blobs(spread=2.0).float()
    settings = KMeansSettings(init=init, iterations=1)
    torch.manual_seed(1)
    first = kmeans(points, 6, seed=3, settings=settings)
    torch.manual_seed(2)
    again = kmeans(points, 6, seed=3, settings=settings)
    other = kmeans(points, 6, seed=4, settings=settings)
    assert torch.equal(first.centroids, again.centroids)
    assert not torch.equal(first.centroids, other.centroids)


def test_clustering_leaves_the_global_generator_alone():
    torch.manual_seed(0)
    expected = torch.rand(1)
    torch.manual_seed(0)
    kmeans(blobs(), 6, seed=3)
    assert torch.rand(1) == expected


def test_plus_plus_finds_separate_blobs_where_random_does_not():
    points = blobs(num_clusters=12, spread=0.01, seed=1)
    best = lloyd(points, sklearn_best(points, 12), 5).inertia
    found = {
        init: sum(
            kmeans(points, 12, seed=seed, settings=KMeansSettings(init=init)).inertia
            < 1.01 * best
            for seed in range(10)
        )
        for init in ('k-means++', 'random')
    }
    assert found['k-means++'] >= 9
    assert found['random'] <= 5


def test_plus_plus_is_as_greedy_as_sklearns():
    points = torch.randn(300, 2, generator=torch.Generator().manual_seed(0)).double()

    def mean_inertia(draw):
        drawn = [draw(seed) for seed in range(100)]
        return np.mean([distances(points, c).amin(1).sum() for c in drawn])

    def ours(seed):
        return _kmeans_plus_plus(points, 15, torch.Generator().manual_seed(seed))

    def theirs(seed, trials=None):
        drawn, _ = kmeans_plusplus(
            points.numpy(), 15, random_state=seed, n_local_trials=trials
        )
        return torch.from_numpy(drawn)

    greedy = mean_inertia(theirs)
    assert mean_inertia(ours) == pytest.approx(greedy, rel=0.05)
    assert mean_inertia(lambda seed: theirs(seed, trials=1)) > 1.2 * greedy


def test_plus_plus_takes_no_point_at_distance_zero(monkeypatch):
    # A draw of exactly 0 lies on the border of the points at distance 0.
    monkeypatch.setattr(torch, 'rand', lambda n, **_: torch.zeros(n).double())
    points = torch.tensor([[0.0], [0.0], [0.0], [3.0]])
    for seed in range(5):
        chosen = _kmeans_plus_plus(points, 2, torch.Generator().manual_seed(seed))
        assert sorted(chosen.flatten().tolist()) == [0, 3]


def sklearn_best(points, num_clusters):
    fitted = KMeans(num_clusters, n_init=10, random_state=0).fit(points.numpy())
    return torch.from_numpy(fitted.cluster_centers_)


def test_best_of_several_inits_is_kept():
    points = blobs(num_clusters=12, spread=0.01, seed=1)
    once = KMeansSettings(init='random', iterations=5)
    four_times = replace(once, num_inits=4)
    generator = torch.Generator().manual_seed(0)
    inertias = [
        lloyd(points, points[torch.randperm(600, generator=generator)[:12]], 5).inertia
        for _ in range(4)
    ]
    assert len(set(inertias)) > 1
    assert kmeans(points, 12, seed=0, settings=four_times).inertia == min(inertias)
    assert kmeans(points, 12, seed=0, settings=once).inertia == inertias[0]


@pytest.mark.parametrize('backend', ['torch', 'faiss'])
def test_given_centroids_are_the_only_init(backend):
    points = torch.randn(500, 4, generator=torch.Generator().manual_seed(0))
    start = points[:5].clone()
    settings = KMeansSettings(num_inits=3, iterations=7, backend=backend)
    result = kmeans(points, 5, seed=0, settings=settings, initial_centroids=start)
    expected = lloyd(points, start, 7)
    torch.testing.assert_close(result.centroids, expected.centroids)
    assert torch.equal(start, points[:5])


def test_spherical_equals_cosine_kmeans():
    points = torch.nn.functional.normalize(blobs(spread=1.0), dim=1)
    centroids = points[:6].clone()
    result = lloyd(points, centroids, 4, spherical=True)
    for _ in range(4):
        labels = (points @ centroids.T).argmax(1)
        sums = torch.stack([points[labels == k].sum(0) for k in range(6)])
        centroids = sums / sums.norm(dim=1, keepdim=True)
    torch.testing.assert_close(result.centroids, centroids, atol=1e-10, rtol=0)


@pytest.mark.parametrize('spherical', [False, True])
def test_faiss_ends_where_torch_does(spherical):
    pytest.importorskip('faiss')
    points = torch.nn.functional.normalize(blobs(), dim=1).float()
    settings = KMeansSettings(spherical=spherical)
    ours = kmeans(points, 6, seed=0, settings=settings)
    settings = replace(settings, backend='faiss')
    theirs = kmeans(points, 6, seed=0, settings=settings)
    torch.testing.assert_close(theirs.centroids, ours.centroids, atol=1e-5, rtol=0)
    assert torch.equal(theirs.cluster_size, ours.cluster_size)
    assert theirs.inertia == pytest.approx(ours.inertia, rel=1e-5)


def test_faiss_takes_no_subsample():
    pytest.importorskip('faiss')
    # faiss would keep 256 points per centroid; the mean of all shows what it took.
    points = blobs(num_points=5000).float()
    result = kmeans(points, 1, seed=0, settings=KMeansSettings(backend='faiss'))
    torch.testing.assert_close(
        result.centroids[0], points.double().mean(0).float(), atol=1e-5, rtol=0
    )


def test_half_precision_points_are_clustered_in_float32():
    points = blobs().to(torch.bfloat16)
    result = kmeans(points, 6, seed=0)
    assert result.centroids.dtype == torch.float32
    expected = kmeans(points.float(), 6, seed=0)
    assert torch.equal(result.centroids, expected.centroids)


def test_more_clusters_than_points_is_an_error():
    with pytest.raises(ValueError, match='num_clusters is 7 .* only 6 points.*lower'):
        kmeans(blobs(num_points=6), 7, seed=0)
    assert kmeans(blobs(num_points=6), 6, seed=0).inertia == 0


@pytest.mark.parametrize('value', [float('nan'), float('inf'), -float('inf')])
def test_points_that_are_not_finite_are_an_error(value):
    points = blobs()
    points[17, 2] = value
    with pytest.raises(ValueError, match='1 of 600 points'):
        kmeans(points, 6, seed=0)


@pytest.mark.parametrize(
    'option', [dict(init='kmeans'), dict(backend='cuml'), dict(num_inits=0)]
)
def test_unknown_options_are_named(option):
    ((name, value),) = option.items()
    with pytest.raises(ValueError, match=f'{name} must be .*{value}'):
        KMeansSettings(**option)
