"""``KMeansLabelHook.batch_norm='train'``: BatchNorm while the views are clustered."""

import pytest
import torch
from first_clustering import NUM_IMAGES, batch_of, points_of
from mmengine.runner import Runner
from small_run import CLUSTERS, SEED, run
from torch import nn

from mmseg_picie.clustering import kmeans
from mmseg_picie.views import draw_order

MOVING = dict(kmeans=dict(batch_norm='train'))


def test_statistics_move_by_the_batches_of_the_clustering_pass(clustered):
    runner, initial = clustered(batch_norm='train')
    inputs = batch_of(runner, initial)
    mean, var = torch.zeros(64), torch.ones(64)
    for name in ('view1', 'view2'):
        maps = initial.backbone.conv1(inputs[name])
        mean = 0.9 * mean + 0.1 * maps.mean((0, 2, 3))
        var = 0.9 * var + 0.1 * maps.var((0, 2, 3))
    norm = runner.model.backbone.bn1
    assert torch.allclose(norm.running_mean, mean, atol=1e-5)
    assert torch.allclose(norm.running_var, var, rtol=1e-4)
    assert norm.num_batches_tracked == 2


def test_labels_are_made_with_the_moved_statistics(clustered):
    runner, initial = clustered(batch_norm='train')
    model = runner.model
    assert model.training
    inputs = batch_of(runner, model)
    labeling = model.frozen_views(inputs)
    with torch.no_grad():
        assert all(map(torch.equal, labeling, model.eval().trained_views(inputs)))
        before = initial.eval().trained_views(inputs)
    assert not any(map(torch.allclose, labeling, before))


def test_clustering_takes_the_statistics_of_each_batch(clustered):
    runner, initial = clustered(batch_norm='train')
    inputs = batch_of(runner, initial, draw_order(SEED, 0, NUM_IMAGES))
    with torch.no_grad():
        maps = initial.train().trained_views(inputs)
    for points, found in zip(
        points_of(maps), runner.model.decode_head.centroids, strict=True
    ):
        expected = kmeans(points, CLUSTERS, seed=SEED).centroids
        assert torch.allclose(found, expected, atol=1e-5)


def test_statistics_move_in_every_round(config):
    # Round 2 begins after a validation, which leaves the network in evaluation mode.
    hooks = dict(kmeans=dict(batch_norm='train', batch_size=NUM_IMAGES))
    model = run(config(rounds=2, default_hooks=hooks)).model
    # Both views of one step of clustering and of three steps of training.
    assert model.backbone.bn1.num_batches_tracked == 2 * (2 + 2 * 3)


def test_statistics_do_not_move_by_default(clustered):
    runner, initial = clustered()
    norm = runner.model.backbone.bn1
    assert norm.num_batches_tracked == 0
    assert torch.equal(norm.running_mean, initial.backbone.bn1.running_mean)


@pytest.mark.parametrize('norm', ['SyncBN', 'none'])
def test_statistics_that_cannot_move_are_refused(config, norm):
    cfg = config(default_hooks=MOVING)
    if norm == 'none':
        cfg.model.backbone = dict(type='PixelColors')
        cfg.model.neck = None
        cfg.model.decode_head.in_channels = 3
    runner = Runner.from_cfg(cfg)  # turns SyncBN into BN in one process
    if norm == 'SyncBN':
        runner.model = nn.SyncBatchNorm.convert_sync_batchnorm(runner.model)
    with pytest.raises(ValueError, match="batch_norm='train' needs norm_cfg.type=BN"):
        runner.train()
