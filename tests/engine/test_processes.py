"""Several gloo processes against one."""

import contextlib
import json
import multiprocessing
import os
import time
from pathlib import Path

import pytest
import torch
import torch.multiprocessing as mp
from mmengine.runner import Runner
from small_run import make_config
from torch import distributed as dist

from mmseg_picie.cli.launch import end_process_group
from mmseg_picie.engine.rounds.batch_norm import average_batch_norm
from mmseg_picie.engine.rounds.distributed import gather_rows
from mmseg_picie.engine.rounds.stream_clusterer import (
    ClusteringOptions,
    StreamClusterer,
)
from mmseg_picie.models.losses.clustering_loss import ClusteringLoss

# Processes are forked from one that has imported all this once: seconds less for each.
multiprocessing.set_forkserver_preload(['mmengine.runner', 'mmseg_picie'])


def _enter(rank, world, store, target, args):
    torch.set_num_threads(1)
    os.environ.update(RANK=str(rank), WORLD_SIZE=str(world), LOCAL_RANK=str(rank))
    dist.init_process_group(
        'gloo', init_method=f'file://{store}', rank=rank, world_size=world
    )
    target(rank, *args)
    end_process_group()
    # The kernel lists a thread that was joined for a moment more.
    end = time.monotonic() + 5
    while threads := gloo_threads():
        assert time.monotonic() < end, threads
        time.sleep(0.01)


def gloo_threads():
    names = []
    for task in Path('/proc/self/task').glob('*/comm'):
        with contextlib.suppress(OSError):  # gone by now
            names.append(task.read_text())
    return [name for name in names if 'gloo' in name]


def in_processes(world, tmp_path, target, *args):
    """Runs target(rank, *args) in ``world`` processes."""
    store = tmp_path / f'store_{world}_{target.__name__}'
    args = (world, store, target, args)
    mp.start_processes(_enter, args, nprocs=world, start_method='forkserver')


# --- a whole round --------------------------------------------------------------


def train(config, norm_eval, warm_start=False):
    config.model.backbone.norm_eval = norm_eval
    config.custom_hooks[0].warm_start = warm_start
    config.optim_wrapper.optimizer = dict(type='SGD', lr=0.1)
    Runner.from_cfg(config).train()


def train_here(rank, root, work_dir, rounds, resume, *settings):
    # Three images per process and step: the last step leaves one without samples.
    config = make_config(root, work_dir, rounds=rounds, batch_size=3, resume=resume)
    config.launcher = 'pytorch'
    config.custom_hooks[0].batch_size = 1
    config.model_wrapper_cfg = dict(
        type='MMDistributedDataParallel', device_ids=None, broadcast_buffers=False
    )
    train(config, *settings)


def state(work_dir, epoch):
    path = work_dir / f'epoch_{epoch}.pth'
    return torch.load(path, weights_only=False)['state_dict']


@pytest.mark.parametrize('warm_start', [False, True])
def test_round_in_two_processes_equals_one(camvid_root, tmp_path, warm_start):
    # Statistics of a BatchNorm batch differ between a batch and its halves.
    settings = True, warm_start
    arguments = camvid_root, tmp_path / 'two', 1, False, *settings
    in_processes(2, tmp_path, train_here, *arguments)
    train(make_config(camvid_root, tmp_path / 'one', batch_size=6), *settings)
    one, two = state(tmp_path / 'one', 1), state(tmp_path / 'two', 1)
    for name, value in one.items():
        if 'cluster_size' in name:
            # A pixel on the border of two clusters may go either way.
            assert (value - two[name]).abs().max() <= 4, name
        else:
            assert torch.allclose(value.double(), two[name].double(), atol=1e-4), name
    one, two = (
        json.loads((path / 'matching.json').read_text())['confusion']
        for path in (tmp_path / 'one', tmp_path / 'two')
    )
    one, two = torch.tensor(one), torch.tensor(two)
    assert one.sum() == two.sum() == 3 * 40 * 56
    assert (one - two).abs().sum() <= 0.02 * one.sum()


def test_resume_in_two_processes_is_exact(camvid_root, tmp_path):
    # Each process has its own BatchNorm statistics until a round ends.
    for step, (name, rounds, resume) in enumerate(
        [('whole', 2, False), ('part', 1, False), ('part', 2, True)]
    ):
        store = tmp_path / str(step)
        store.mkdir()
        arguments = (camvid_root, tmp_path / name, rounds, resume, False)
        in_processes(2, store, train_here, *arguments)
    whole, rest = state(tmp_path / 'whole', 2), state(tmp_path / 'part', 2)
    first = state(tmp_path / 'part', 1)
    assert not torch.equal(
        first['backbone.bn1.running_mean'], rest['backbone.bn1.running_mean']
    )
    for name, value in whole.items():
        assert torch.equal(value, rest[name]), name


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
    options = ClusteringOptions(init_images=init_images, init_points=100, iterations=5)
    clusterer = StreamClusterer(CLUSTERS, len(points), options, (0, 1))
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


def loss_case():
    g = torch.Generator().manual_seed(0)
    points = torch.randn(2, 9, DIM, generator=g)
    labels = torch.randint(0, CLUSTERS, (2, 9), generator=g)
    centroids = torch.randn(2, CLUSTERS, DIM, generator=g)
    sizes = torch.rand(2, CLUSTERS, generator=g).double() + 0.1
    return points, labels, tuple(centroids), tuple(sizes)


def loss_here(rank, shares, out):
    points, labels, centroids, sizes = loss_case()
    here = slice(sum(shares[:rank]), sum(shares[: rank + 1]))
    points = points[:, here].clone().requires_grad_()
    loss = ClusteringLoss(cluster_weight='inverse_sqrt')
    value = sum(loss(tuple(points), tuple(labels[:, here]), centroids, sizes).values())
    (gradient,) = torch.autograd.grad(value, points)
    # DDP averages over processes; what is left of a point's gradient is a share.
    torch.save((value.detach(), gradient / len(shares)), out / f'{rank}.pth')


@pytest.mark.parametrize('shares', [(4, 5), (9, 0)])
def test_loss_and_gradient_equal_one_process(tmp_path, shares):
    in_processes(2, tmp_path, loss_here, shares, tmp_path)
    points, labels, centroids, sizes = loss_case()
    points.requires_grad_()
    loss = ClusteringLoss(cluster_weight='inverse_sqrt')
    value = sum(loss(tuple(points), tuple(labels), centroids, sizes).values())
    (gradient,) = torch.autograd.grad(value, points)
    parts = [torch.load(tmp_path / f'{rank}.pth') for rank in range(2)]
    assert all(torch.allclose(part[0], value, rtol=1e-6) for part in parts)
    joined = torch.cat([part[1] for part in parts], dim=1)
    assert torch.allclose(joined, gradient, atol=1e-7)


def exchange(rank, out):
    rows = gather_rows(torch.full((2 * (1 - rank), 3), float(rank + 1)))
    norm = torch.nn.BatchNorm1d(2)
    norm.running_mean.fill_(rank)
    norm.num_batches_tracked.fill_(5 - rank)
    average_batch_norm(norm)
    torch.save((rows, norm.state_dict()), out / f'{rank}.pth')


def test_rows_are_gathered_and_batch_norm_is_averaged(tmp_path):
    in_processes(2, tmp_path, exchange, tmp_path)
    for rank in range(2):
        rows, norm = torch.load(tmp_path / f'{rank}.pth')
        assert torch.equal(rows, torch.ones(2, 3))
        assert torch.equal(norm['running_mean'], torch.full((2,), 0.5))
        assert norm['num_batches_tracked'] == 5
