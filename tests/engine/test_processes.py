"""Rounds and their parts in several gloo processes against one."""

import json

import pytest
import torch
from mmengine.runner import Runner
from processes import distribute, in_processes
from small_run import assert_same, make_config, state

from mmseg_picie.engine import ClusteringSettings, StreamClusterer
from mmseg_picie.engine.rounds.batch_norm import average_batch_norm
from mmseg_picie.engine.rounds.run_parts import gather_rows

# --- whole rounds -----------------------------------------------------------------

# Statistics of a BatchNorm batch differ between a batch and its halves.
SAME_STATISTICS = dict(backbone=dict(norm_eval=True))
PICIE = dict(
    model=SAME_STATISTICS,
    optim_wrapper=dict(optimizer=dict(_delete_=True, type='SGD', lr=0.1)),
)
WARM = dict(PICIE, default_hooks=dict(kmeans=dict(warm_start=True)))
RELEASED = dict(kmeans=dict(cluster_size_from='labels', centroid_sets='shared'))
DISTANCE = dict(
    PICIE,
    model=dict(SAME_STATISTICS, decode_head=dict(loss=dict(cross_loss='mse'))),
    default_hooks=RELEASED,
)
MDC = dict(
    PICIE,
    model=dict(SAME_STATISTICS, type='MDC', decode_head=dict(type='ClassifierHead')),
    default_hooks=RELEASED,
)

ANY_WAY = dict(
    PICIE,
    train_dataloader=dict(
        dataset=dict(
            pipeline=[
                dict(type='LoadImageFromFile'),
                dict(
                    type='PairedViews',
                    size=64,
                    vertical_flip_prob=0.5,
                    quarter_turns=True,
                ),
                dict(type='PackViews'),
            ]
        )
    ),
)


def train_here(rank, root, work_dir, options):
    # Three images per process and step: the last step leaves one without samples.
    config = distribute(make_config(root, work_dir, batch_size=3, **options))
    Runner.from_cfg(config).train()


@pytest.mark.parametrize(
    'options, rounds, tolerance, pixels',
    [
        (PICIE, 1, 1e-4, 4),
        (WARM, 1, 1e-4, 4),
        (ANY_WAY, 1, 1e-4, 4),
        (DISTANCE, 2, 1e-3, 8),
        (MDC, 2, 1e-3, 8),
    ],
    ids=['PiCIE', 'warm start', 'any rotation', 'distance', 'MDC'],
)
def test_rounds_in_two_processes_equal_one(
    camvid_root, tmp_path, options, rounds, tolerance, pixels
):
    options = dict(options, rounds=rounds)
    in_processes(2, tmp_path, train_here, camvid_root, tmp_path / 'two', options)
    Runner.from_cfg(
        make_config(camvid_root, tmp_path / 'one', batch_size=6, **options)
    ).train()
    for epoch in range(1, rounds + 1):
        one, two = (state(tmp_path / name, epoch) for name in ('one', 'two'))
        for name, value in one.items():
            difference = (value.double() - two[name].double()).abs().max()
            # A pixel on the border of two clusters may go either way.
            allowed = pixels if 'cluster_size' in name else tolerance
            assert difference <= allowed, name
    one, two = (
        torch.tensor(json.loads((path / 'matching.json').read_text())['confusion'])
        for path in (tmp_path / 'one', tmp_path / 'two')
    )
    assert one.sum() == two.sum() == 3 * 40 * 56
    assert (one - two).abs().sum() <= 0.02 * one.sum()


def test_resume_in_two_processes_is_exact(camvid_root, tmp_path):
    # Each process has its own BatchNorm statistics until a round ends.
    options = dict(optim_wrapper=PICIE['optim_wrapper'])
    for step, (name, rounds, resume) in enumerate(
        [('whole', 2, False), ('part', 1, False), ('part', 2, True)]
    ):
        store = tmp_path / str(step)
        store.mkdir()
        more = dict(options, rounds=rounds, resume=resume)
        in_processes(2, store, train_here, camvid_root, tmp_path / name, more)
    whole, rest = state(tmp_path / 'whole', 2), state(tmp_path / 'part', 2)
    name = 'backbone.bn1.running_mean'
    assert not torch.equal(state(tmp_path / 'part', 1)[name], rest[name])
    assert_same(whole, rest)


class StopBeforeTraining(RuntimeError):
    pass


def set_up_here(rank, root, work_dir, hooks):
    """Saves the weights and statistics that the first step begins with."""
    config = make_config(root, work_dir, batch_size=3, default_hooks=hooks)
    runner = Runner.from_cfg(distribute(config))

    def stop(*args, **kwargs):
        torch.save(runner.model.module.state_dict(), work_dir / f'{rank}.pth')
        raise StopBeforeTraining

    runner.model.train_step = stop
    with pytest.raises(StopBeforeTraining):
        runner.train()


@pytest.mark.parametrize(
    'hooks',
    [
        dict(kmeans=dict(batch_norm='train')),
        dict(calibrate=dict(type='CalibrateBatchNormHook')),
    ],
    ids=['moved', 'calibrated'],
)
def test_statistics_of_a_pass_are_alike_in_all_processes(camvid_root, tmp_path, hooks):
    in_processes(2, tmp_path, set_up_here, camvid_root, tmp_path / 'run', hooks)
    first, second = (torch.load(tmp_path / 'run' / f'{rank}.pth') for rank in (0, 1))
    assert first['backbone.bn1.num_batches_tracked'] == 8  # 4 images of 2 views
    assert first['backbone.bn1.running_mean'].abs().sum() > 0
    assert_same(first, second)


def test_initial_projection_in_two_processes_equals_one(camvid_root, tmp_path):
    hooks = dict(initial_projection=dict(type='InitialProjectionHook'))
    for world in (1, 2):
        folder = tmp_path / str(world)
        in_processes(world, tmp_path, set_up_here, camvid_root, folder, hooks)
    one, first, second = (
        torch.load(tmp_path / name) for name in ('1/0.pth', '2/0.pth', '2/1.pth')
    )
    assert_same(first, second)
    for name in (name for name in one if name.startswith('neck.')):
        # Axes may differ in sign.
        assert torch.allclose(one[name].abs(), first[name].abs(), atol=1e-4), name


# --- parts ------------------------------------------------------------------------

DIM, CLUSTERS = 5, 4


def images(num=11):
    g = torch.Generator().manual_seed(0)
    centers = 3 * torch.randn(CLUSTERS, DIM, generator=g)
    picked = torch.randint(0, CLUSTERS, (num, 30), generator=g)
    return centers[picked] + 0.3 * torch.randn(num, 30, DIM, generator=g)


def cluster(rank, world, batch_size, init_images, out):
    """Visits the images in order, strided over ranks, as the samplers do."""
    points = images()
    settings = ClusteringSettings(
        init_images=init_images, init_points=100, iterations=5
    )
    clusterer = StreamClusterer(CLUSTERS, len(points), settings, (0, 1))
    mine = list(range(rank, len(points), world))
    for start in range(0, -(-len(points) // (batch_size * world))):
        step = mine[start * batch_size : (start + 1) * batch_size]
        clusterer.update([points[i] for i in step], step, batch_size * world)
    kmeans = clusterer.finish()
    result = (kmeans.centroids, kmeans.cluster_size, kmeans.inertia)
    torch.save(result, out / f'{world}_{rank}.pth')


@pytest.mark.parametrize('init_images', [4, 100])
@pytest.mark.parametrize(('world', 'batch_size'), [(2, 3), (3, 2)])
def test_clustering_equals_one_process(tmp_path, init_images, world, batch_size):
    cluster(0, 1, 6, init_images, tmp_path)
    in_processes(world, tmp_path, cluster, world, batch_size, init_images, tmp_path)
    expected = torch.load(tmp_path / '1_0.pth')
    for rank in range(world):
        got = torch.load(tmp_path / f'{world}_{rank}.pth')
        assert torch.allclose(got[0], expected[0], atol=1e-5)
        assert torch.allclose(got[1], expected[1])
        assert got[2] == pytest.approx(expected[2], rel=1e-5)
        first = torch.load(tmp_path / f'{world}_0.pth')
        assert torch.equal(got[0], first[0])  # the same to the bit on every rank


def exchange(rank, out):
    rows = gather_rows(torch.full((2 * (1 - rank), 3), float(rank + 1)))
    norm = torch.nn.BatchNorm1d(2)
    norm.running_mean.fill_(rank)
    norm.running_var.fill_(1 + 2 * rank)
    norm.num_batches_tracked.fill_(5 - rank)
    average_batch_norm(norm)
    torch.save((rows, norm.state_dict()), out / f'{rank}.pth')


def test_rows_are_gathered_and_batch_norm_is_averaged(tmp_path):
    in_processes(2, tmp_path, exchange, tmp_path)
    for rank in range(2):
        rows, norm = torch.load(tmp_path / f'{rank}.pth')
        assert torch.equal(rows, torch.ones(2, 3))
        assert torch.equal(norm['running_mean'], torch.full((2,), 0.5))
        assert torch.equal(norm['running_var'], torch.full((2,), 2.0))
        assert norm['num_batches_tracked'] == 5
