import numpy as np
import pytest
import torch
import torch.distributed as dist

from mmseg_picie.clustering import KMeansSettings, MiniBatchKMeans, kmeans

K, D = 5, 4


def stream(num_batches=6, size=101, seed=0, dtype=torch.float64):
    generator = torch.Generator().manual_seed(seed)
    return [
        torch.randn(size, D, generator=generator, dtype=dtype)
        for _ in range(num_batches)
    ]


def started(**options):
    """Sample, K and the rest of the stream."""
    sample, *batches = stream()
    return MiniBatchKMeans(K, seed=0, **options).initialize(sample), batches


def test_partial_fit_equals_sklearn():
    # Not at the top, where each spawned process would import it.
    from sklearn.cluster import MiniBatchKMeans as SklearnMiniBatchKMeans

    batches = stream()
    init = batches[0][:K].clone()
    ours = MiniBatchKMeans(K, seed=0)
    ours.centroids = init
    theirs = SklearnMiniBatchKMeans(K, init=init.numpy(), reassignment_ratio=0)
    for batch in batches:
        ours.partial_fit(batch)
        theirs.partial_fit(batch.numpy())
        centroids = torch.from_numpy(theirs.cluster_centers_)
        torch.testing.assert_close(ours.centroids, centroids, atol=1e-10, rtol=0)
        assert ours.cluster_size.tolist() == theirs._counts.tolist()
    assert torch.equal(ours.predict(batch), torch.tensor(theirs.predict(batch.numpy())))


def test_batch_size_one_point_moves_one_centroid_by_its_share():
    ours = MiniBatchKMeans(2, seed=0)
    ours.centroids = torch.tensor([[0.0], [10.0]])
    ours.cluster_size = torch.tensor([3.0, 5.0], dtype=torch.float64)
    ours.partial_fit(torch.tensor([[4.0]]))
    assert ours.centroids.tolist() == [[1.0], [10.0]]
    assert ours.cluster_size.tolist() == [4, 5]
    assert ours.inertia == 16 and ours.num_points == 1


def test_initialize_is_kmeans_and_counts_stand_for_all_points():
    sample = stream()[0]
    settings = KMeansSettings(init='random', num_inits=3, iterations=2)
    ours = MiniBatchKMeans(K, seed=7, settings=settings)
    ours.initialize(sample, num_represented=1010)
    expected = kmeans(sample, K, seed=7, settings=settings)
    assert torch.equal(ours.centroids, expected.centroids)
    torch.testing.assert_close(ours.cluster_size, expected.cluster_size.double() * 10)
    assert ours.num_points == 1010
    assert ours.inertia == pytest.approx(expected.inertia / 101)
    assert float(ours.cluster_share().sum()) == pytest.approx(1)


def test_inertia_is_the_mean_over_all_points_seen():
    ours, batches = started()
    total, number = ours.inertia * ours.num_points, ours.num_points
    for batch in batches:
        distances = (batch[:, None] - ours.centroids[None]).square().sum(2)
        total += float(distances.min(1).values.sum())
        number += len(batch)
        ours.partial_fit(batch)
    assert ours.num_points == number
    assert ours.inertia == pytest.approx(total / number, rel=1e-10)


def test_counts_above_2_to_the_24_are_exact():
    ours = MiniBatchKMeans(1, seed=0)
    ours.centroids = torch.zeros(1, 1)
    ours.cluster_size = torch.tensor([2.0**24], dtype=torch.float64)
    ours.partial_fit(torch.zeros(1, 1))
    assert ours.cluster_size.tolist() == [2**24 + 1]


def test_empty_batch_changes_nothing():
    ours, _ = started()
    before = ours.centroids.clone(), ours.cluster_size.clone(), ours.inertia
    ours.partial_fit(torch.zeros(0, D, dtype=torch.float64))
    assert torch.equal(ours.centroids, before[0])
    assert torch.equal(ours.cluster_size, before[1])
    assert ours.inertia == before[2]


def test_cluster_without_points_stays_and_is_finite():
    ours = MiniBatchKMeans(2, seed=0)
    ours.centroids = torch.tensor([[0.0], [100.0]])
    ours.partial_fit(torch.ones(3, 1))
    assert ours.centroids.tolist() == [[1.0], [100.0]]
    assert ours.cluster_share().tolist() == [1, 0]


def test_spherical_centroids_keep_unit_length():
    ours, batches = started(settings=KMeansSettings(spherical=True))
    old = ours.centroids
    ours.partial_fit(batches[0])
    assert not torch.equal(ours.centroids, old)
    torch.testing.assert_close(
        ours.centroids.norm(dim=1), torch.ones(K, dtype=torch.float64)
    )


def test_errors_are_clear():
    ours = MiniBatchKMeans(K, seed=0)
    for call in (ours.partial_fit, ours.predict):
        with pytest.raises(RuntimeError, match='initialize'):
            call(stream()[0])
    with pytest.raises(ValueError, match='only 4 points'):
        ours.initialize(stream()[0][:4])
    with pytest.raises(ValueError, match='num_represented'):
        ours.initialize(stream()[0], num_represented=100)
    ours.initialize(stream()[0])
    broken = stream()[1]
    broken[3, 1] = float('nan')
    before = ours.centroids.clone()
    with pytest.raises(ValueError, match='NaN'):
        ours.partial_fit(broken)
    assert torch.equal(ours.centroids, before)


def fit_share(rank, group, world_size):
    calls = []

    def all_reduce(tensor):
        calls.append(tensor.dtype)
        dist.all_reduce(tensor, group=group)

    ours, batches = started(all_reduce=all_reduce)
    for batch in [*batches, batches[0][:1]]:  # the last one leaves ranks without points
        ours.partial_fit(batch[rank::world_size])
    assert calls == [torch.float64] * 6  # one per step
    return dict(
        centroids=ours.centroids.numpy(),
        cluster_size=ours.cluster_size.numpy(),
        totals=np.array([ours.inertia, ours.num_points]),
    )


def work(rank, folder):
    torch.set_num_threads(1)
    dist.init_process_group(
        'gloo', init_method=f'file://{folder}/store', rank=rank, world_size=3
    )
    pair = dist.new_group([0, 1])
    np.savez(f'{folder}/3_{rank}.npz', **fit_share(rank, None, 3))
    if rank < 2:
        np.savez(f'{folder}/2_{rank}.npz', **fit_share(rank, pair, 2))
    dist.destroy_process_group()


def test_two_and_three_processes_equal_one(tmp_path, monkeypatch):
    monkeypatch.setenv('OMP_NUM_THREADS', '1')
    torch.multiprocessing.spawn(work, (str(tmp_path),), nprocs=3)
    ours, batches = started()
    for batch in [*batches, batches[0][:1]]:
        ours.partial_fit(batch)
    expected = dict(
        centroids=ours.centroids.numpy(),
        cluster_size=ours.cluster_size.numpy(),
        totals=[ours.inertia, ours.num_points],
    )
    for world_size in (2, 3):
        shares = [
            np.load(tmp_path / f'{world_size}_{rank}.npz') for rank in range(world_size)
        ]
        for name, value in expected.items():
            np.testing.assert_allclose(shares[0][name], value, rtol=1e-10, atol=1e-12)
            for share in shares[1:]:
                assert np.array_equal(share[name], shares[0][name])
