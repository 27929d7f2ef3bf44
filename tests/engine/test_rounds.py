import json

import pytest
import torch
from mmengine.runner import Runner
from small_run import CHANNELS, run

from mmseg_picie.datasets.batching import collate_views
from mmseg_picie.views.clock import round_clock


def load(path):
    return torch.load(path, weights_only=False)


def assert_same(first, second):
    assert first.keys() == second.keys()
    for name, value in first.items():
        assert torch.equal(value, second[name]), name


def test_resume_equals_an_uninterrupted_run_bit_for_bit(config, tmp_path):
    whole = run(config('whole', rounds=2))
    run(config('part', rounds=1))
    resumed = config('part', rounds=2, resume=True)
    rest = run(resumed)
    assert_same(whole.model.state_dict(), rest.model.state_dict())
    states = [
        load(tmp_path / name / 'epoch_2.pth')['optimizer']['state']
        for name in ('whole', 'part')
    ]
    for index, state in states[0].items():
        assert_same(
            {k: torch.as_tensor(v) for k, v in state.items()},
            {k: torch.as_tensor(v) for k, v in states[1][index].items()},
        )


@pytest.mark.parametrize('workers', [0, 1])
def test_resume_with_dropout_in_the_backbone_is_exact(config, workers):
    # Loaders with workers draw from the global generator when they first start.
    loader = dict(num_workers=workers, persistent_workers=workers > 0)
    backbone = dict(
        _delete_=True,
        type='MixVisionTransformer',
        embed_dims=8,
        num_layers=[1, 1, 1, 1],
        num_heads=[1, 1, 1, 1],
        drop_rate=0.3,
        drop_path_rate=0.3,
    )
    model = dict(backbone=backbone, neck=dict(in_channels=[8] * 4))
    options = dict(model=model, train_dataloader=loader)
    whole = run(config('whole', rounds=2, **options))
    run(config('part', rounds=1, **options))
    rest = run(config('part', rounds=2, resume=True, **options))
    assert_same(whole.model.state_dict(), rest.model.state_dict())


@pytest.mark.parametrize('ema', [False, True])
def test_checkpoint_agrees_with_the_validation_after_it(config, tmp_path, ema):
    hooks = [dict(type='KMeansLabelHook', batch_size=2)]
    if ema:
        hooks.append(dict(type='EMAHook', momentum=0.3))
    run(config(rounds=2, custom_hooks=hooks))
    saved = load(tmp_path / 'run' / 'epoch_2.pth')
    cfg = config('test', load_from=str(tmp_path / 'run' / 'epoch_2.pth'))
    Runner.from_cfg(cfg).test()
    after = json.loads((tmp_path / 'run' / 'matching.json').read_text())
    (path,) = (tmp_path / 'test').glob('*/matching.json')
    again = json.loads(path.read_text())
    assert after['confusion'] == again['confusion']
    assert after['metrics'] == again['metrics']
    if ema:
        ours, averaged = saved['state_dict'], saved['ema_state_dict']
        name = 'neck.laterals.0.weight'
        assert not torch.equal(ours[name], averaged[f'module.{name}'])
        for key in ('decode_head.eval_centroids', 'backbone.bn1.running_mean'):
            assert torch.equal(ours[key], averaged[f'module.{key}'])


def test_ema_refits_with_the_averaged_weights(config):
    hooks = [dict(type='KMeansLabelHook', batch_size=2)]
    plain = run(config('plain', custom_hooks=hooks))
    averaged = run(
        config('ema', custom_hooks=[*hooks, dict(type='EMAHook', momentum=1e-6)])
    )
    # Averages that hardly move stay at the initial weights: other centroids.
    name = 'decode_head.eval_centroids'
    first, second = plain.model.state_dict(), averaged.model.state_dict()
    assert torch.equal(first['backbone.conv1.weight'], second['backbone.conv1.weight'])
    assert not torch.allclose(first[name], second[name], atol=1e-4)


def test_rounds_change_the_views_and_the_clusters(config, tmp_path):
    run(config(rounds=2))
    first, second = (
        load(tmp_path / 'run' / f'epoch_{i}.pth')['state_dict'] for i in (1, 2)
    )
    for name in ('centroids1', 'centroids2', 'eval_centroids'):
        key = f'decode_head.{name}'
        assert not torch.equal(first[key], second[key])
    assert second['decode_head.centroids_round'] == 2
    sizes = second['decode_head.cluster_size1']
    assert sizes.sum() == 7 * 16 * 16  # every cell of every image, once


def warm(**options):
    return [dict(type='KMeansLabelHook', batch_size=2, warm_start=True, **options)]


def test_warm_start_goes_on_from_the_clustering_before(config, tmp_path):
    # The network stays as it is, so what moves is the clustering.
    still = dict(
        rounds=2,
        optim_wrapper=dict(optimizer=dict(lr=0.0)),
        model=dict(backbone=dict(norm_eval=True)),
    )
    hooks = warm(iterations=1)
    run(config('warm', custom_hooks=hooks, **still))
    del hooks[0]['warm_start']
    run(config('drawn', custom_hooks=hooks, **still))

    def moved(name, part):
        first, second = (
            load(tmp_path / name / f'epoch_{n}.pth')['state_dict'][
                f'decode_head.{part}'
            ]
            for n in (1, 2)
        )
        return float((first - second).norm(dim=1).mean())

    for part in ('centroids1', 'centroids2', 'eval_centroids'):
        assert moved('warm', part) < 0.5 * moved('drawn', part), part


def test_warm_start_begins_with_the_clusters_of_plain_images(config, tmp_path):
    # The network stays as it is, and one iteration leads not far away.
    still = dict(
        optim_wrapper=dict(optimizer=dict(lr=0.0)),
        model=dict(backbone=dict(norm_eval=True)),
        custom_hooks=warm(iterations=1),
    )
    plain = config('plain', train_cfg=dict(type='ClusterOnlyLoop'), **still)
    start = run(plain).model.decode_head.eval_centroids
    head = run(config(**still)).model.decode_head
    for centroids in (head.centroids1, head.centroids2, head.eval_centroids):
        nearest = torch.cdist(start, centroids).argmin(dim=1)
        assert nearest.tolist() == list(range(head.num_clusters))


@pytest.mark.parametrize('interval', [1, 2])
def test_warm_start_resumes_exactly(config, interval):
    hooks = warm(interval=interval)
    whole = run(config('whole', rounds=2, custom_hooks=hooks))
    run(config('part', rounds=1, custom_hooks=hooks))
    rest = run(config('part', rounds=2, resume=True, custom_hooks=hooks))
    assert_same(whole.model.state_dict(), rest.model.state_dict())


def test_draws_of_correspondences_resume_exactly(config):
    model = dict(
        neck=dict(residual_channels=8),
        correspondence=dict(type='CorrespondenceLoss', num_points=10),
    )
    whole = run(config('whole', rounds=2, model=model)).model
    run(config('part', rounds=1, model=model))
    rest = run(config('part', rounds=2, model=model, resume=True)).model
    assert whole.neck.residual[2].weight.any()  # it learns, from 0
    assert_same(whole.state_dict(), rest.state_dict())


def test_shares_of_images_and_pixels_are_clustered(config):
    hook = dict(type='KMeansLabelHook', image_share=0.5, pixel_share=0.1)
    head = run(config(custom_hooks=[hook])).model.decode_head
    # 4 of 7 images, 26 of 16 x 16 cells each.
    assert head.cluster_size1.sum() == head.cluster_size2.sum() == 4 * 26
    assert head.eval_cluster_size.sum() == 4 * 14  # of 10 x 14 cells


def test_second_clustering_is_made_stored_and_dropped(config, tmp_path):
    head = dict(type='ClusteringHead', in_channels=8, num_clusters=9)
    model = run(config('first', model=dict(auxiliary_head=head))).model
    state = load(tmp_path / 'first' / 'epoch_1.pth')['state_dict']
    for view in (1, 2):
        assert state[f'auxiliary_head.centroids{view}'].shape == (9, 8)
        assert state[f'auxiliary_head.cluster_size{view}'].sum() == 7 * 16 * 16
    assert model.decode_head.eval_centroids.shape == (4, 8)
    again = config('second', load_from=str(tmp_path / 'first' / 'epoch_1.pth'))
    again.model.auxiliary_head = dict(head, num_clusters=6)
    assert run(again).model.auxiliary_head.centroids1.shape == (6, 8)


@pytest.mark.parametrize('channels_last', [True, False])
def test_resume_in_another_memory_format_changes_no_result(config, channels_last):
    # Fused Adam walks weights and moments in memory order.
    optimizer = dict(type='Adam', lr=1e-2, fused=True)
    options = dict(optim_wrapper=dict(type='OptimWrapper', optimizer=optimizer))
    whole = run(config('whole', rounds=2, **options)).model.state_dict()
    run(config('part', rounds=1, **options))
    model = dict(channels_last=channels_last)
    rest = run(config('part', rounds=2, resume=True, model=model, **options))
    rest = rest.model.state_dict()
    for name in ('backbone.conv1.weight', 'backbone.layer4.1.conv2.weight'):
        # Moments of other weights would move each by up to the rate.
        assert (whole[name] - rest[name]).abs().mean() < 1e-3, name


def test_interval_keeps_the_centroids_between_clusterings(config, tmp_path):
    hooks = [dict(type='KMeansLabelHook', batch_size=2, interval=2)]
    whole = run(config('whole', rounds=3, custom_hooks=hooks))
    first, second, third = (
        load(tmp_path / 'whole' / f'epoch_{i}.pth')['state_dict'] for i in (1, 2, 3)
    )
    for name in ('centroids1', 'cluster_size2'):
        key = f'decode_head.{name}'
        assert torch.equal(first[key], second[key])
        assert not torch.equal(second[key], third[key])
    key = 'decode_head.eval_centroids'
    assert not torch.equal(first[key], second[key])
    # A run that stops between two clusterings goes on as if it had not.
    run(config('part', rounds=1, custom_hooks=hooks))
    rest = run(config('part', rounds=3, resume=True, custom_hooks=hooks))
    assert_same(whole.model.state_dict(), rest.model.state_dict())


def test_checkpoint_names_clusters_not_classes(config, tmp_path):
    run(config())
    meta = load(tmp_path / 'run' / 'epoch_1.pth')['meta']['dataset_meta']
    assert meta['classes'] == tuple(f'cluster_{i}' for i in range(4))
    assert len({tuple(color) for color in meta['palette']}) == 4


def test_evaluation_centroids_of_view1_are_those_before_the_epoch(config, tmp_path):
    hooks = [dict(type='KMeansLabelHook', eval_centroids='view1')]
    state = run(config(custom_hooks=hooks)).model.state_dict()
    assert torch.equal(
        state['decode_head.eval_centroids'], state['decode_head.centroids1']
    )


def test_calibration_sets_statistics_and_nothing_else(config):
    hooks = [dict(type='KMeansLabelHook', batch_size=7, calibrate_batch_norm=True)]
    cfg = config(custom_hooks=hooks)
    cfg.train_cfg = dict(type='ClusterOnlyLoop')
    runner = Runner.from_cfg(cfg)
    runner.model.init_weights()
    before = {k: v.clone() for k, v in runner.model.named_parameters()}
    runner.train()
    assert_same(before, dict(runner.model.named_parameters()))
    # All 7 images in one batch a view: the statistics of the first convolution.
    dataset, model = runner.train_dataloader.dataset, runner.model
    round_clock.set(5, 0)
    batch = collate_views([dataset[index] for index in range(7)])
    inputs = model.data_preprocessor(batch, True)['inputs']
    maps = [model.backbone.conv1(inputs[name]) for name in ('view1', 'view2')]
    mean = sum(x.mean((0, 2, 3)) for x in maps) / 2
    var = sum(x.var((0, 2, 3)) for x in maps) / 2
    assert torch.allclose(model.backbone.bn1.running_mean, mean, atol=1e-4)
    assert torch.allclose(model.backbone.bn1.running_var, var, rtol=1e-3)
    assert model.backbone.bn1.momentum == 0.1


def test_calibration_without_batch_norm_is_refused(config):
    hooks = [dict(type='KMeansLabelHook', calibrate_batch_norm=True)]
    cfg = config(custom_hooks=hooks)
    cfg.model.backbone = dict(type='PixelColors')
    cfg.model.neck = None
    cfg.model.decode_head.in_channels = 3
    with pytest.raises(ValueError, match='has no BatchNorm'):
        run(cfg)


def test_round_line_reports_clusters_and_seconds(config, tmp_path):
    run(config(log_level='INFO'))
    (log,) = (tmp_path / 'run').glob('*/*.log')
    (line,) = [row for row in log.read_text().splitlines() if 'Round 1/1' in row]
    for word in ('view1: inertia', 'view2: inertia', 'evaluation: inertia', 'empty'):
        assert word in line
    for stage in ('shares', 'cluster', 'train', 'refit'):
        assert stage in line


def test_gradient_accumulation_equals_the_larger_batch(config):
    def weights(name, batch_size, counts):
        cfg = config(name, batch_size=batch_size)
        cfg.model.backbone.norm_eval = True
        cfg.model.decode_head.loss.cluster_weight = 'none'
        cfg.optim_wrapper.optimizer = dict(type='SGD', lr=0.1)
        cfg.optim_wrapper.accumulative_counts = counts
        cfg.train_dataloader.batch_sampler.drop_last = True  # 6 of 7 images
        return run(cfg).model.state_dict()

    once, twice = weights('once', 6, 1), weights('twice', 3, 2)
    for name in ('backbone.conv1.weight', 'neck.laterals.3.weight'):
        assert torch.allclose(once[name], twice[name], atol=1e-6)


# --- loops without training ---------------------------------------------------


def test_cluster_only_loop_changes_no_weight(config, tmp_path):
    cfg = config()
    cfg.train_cfg = dict(type='ClusterOnlyLoop', max_epochs=10)
    runner = Runner.from_cfg(cfg)
    runner.model.init_weights()
    before = {k: v.clone() for k, v in runner.model.named_parameters()}
    runner.train()
    assert_same(before, dict(runner.model.named_parameters()))
    assert runner.model.decode_head.centroids_round == 0  # rounds trained
    assert (tmp_path / 'run' / 'epoch_1.pth').exists()
    assert (tmp_path / 'run' / 'matching.json').exists()


def test_frozen_features_are_projected_and_clustered(config):
    cfg = config()
    cfg.model.backbone.out_indices = (0, 1, 2)
    cfg.model.neck = dict(
        type='MultiLevelPCA', in_channels=CHANNELS[:3], out_channels=8, grid_level=1
    )
    cfg.model.decode_head.loss = None
    cfg.train_cfg = dict(type='ClusterOnlyLoop')
    cfg.custom_hooks = [
        dict(type='FitPCAHook'),
        dict(type='KMeansLabelHook', spherical=True, starts=2),
    ]
    model = run(cfg).model
    assert model.neck.projection.abs().sum() > 0
    norms = model.decode_head.eval_centroids.norm(dim=1)
    assert torch.allclose(norms, torch.ones(4), atol=1e-5)


def test_start_from_weights_drops_the_centroids(config, tmp_path):
    run(config('first'))
    cfg = config('second', load_from=str(tmp_path / 'first' / 'epoch_1.pth'))
    cfg.model.decode_head.num_clusters = 6
    cfg.train_cfg = dict(type='ClusterOnlyLoop')
    cfg.log_level = 'WARNING'
    model = run(cfg).model
    (log,) = (tmp_path / 'second').glob('*/*.log')
    assert 'centroids; they are dropped' in log.read_text()
    first = load(tmp_path / 'first' / 'epoch_1.pth')['state_dict']
    name = 'neck.laterals.0.weight'
    assert torch.equal(model.state_dict()[name], first[name])
