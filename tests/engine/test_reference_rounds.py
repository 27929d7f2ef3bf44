"""Options of the rounds that do as the released code or the paper's ablations."""

import copy

import pytest
import torch
from mmengine.runner import Runner
from small_run import CLUSTERS, make_config, run
from test_processes import DIM, in_processes, loss_case, state
from torch import nn

from mmseg_picie.clustering.minibatch import MiniBatchKMeans
from mmseg_picie.datasets.batching import collate_views
from mmseg_picie.engine.rounds.batch_norm import batch_norm_in_training
from mmseg_picie.engine.rounds.clustering_passes import cluster_views
from mmseg_picie.engine.rounds.passes import view_pass
from mmseg_picie.engine.rounds.stream_clusterer import ClusteringOptions
from mmseg_picie.models.losses.clustering_loss import ClusteringLoss
from mmseg_picie.views.clock import round_clock
from mmseg_picie.views.sampling import draw_order

SEED = 5  # of the small run
NUM_IMAGES = 7
ONE_BATCH = dict(type='KMeansLabelHook', batch_size=NUM_IMAGES)


class StopBeforeTraining(RuntimeError):
    pass


@pytest.fixture
def clustered(config, monkeypatch):
    """Runs the hook's work before the first step; (runner, initial network)."""

    def start(**options):
        name = '_'.join(map(str, options.values()))
        cfg = config(name, custom_hooks=[dict(ONE_BATCH, **options)])
        runner = Runner.from_cfg(cfg)
        runner.model.init_weights()
        initial = copy.deepcopy(runner.model)

        def stop(*args, **kwargs):
            raise StopBeforeTraining

        monkeypatch.setattr(runner.model, 'train_step', stop)
        with pytest.raises(StopBeforeTraining):
            runner.train()
        return runner, initial

    return start


def batch_of(runner, model, order=range(NUM_IMAGES)):
    """The views of round 0 in one batch, normalized."""
    round_clock.set(SEED, 0)
    samples = [runner.train_dataloader.dataset[int(index)] for index in order]
    return model.data_preprocessor(collate_views(samples), True)['inputs']


def points_of(maps):
    return [m.permute(0, 2, 3, 1).flatten(0, 2) for m in maps]


# --- BatchNorm ------------------------------------------------------------------


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
    runner, _ = clustered(batch_norm='train')
    model = runner.model
    assert model.training
    inputs = batch_of(runner, model)
    frozen = model.frozen_embed_views(inputs)
    model.eval()
    with torch.no_grad():
        assert all(map(torch.equal, frozen, model.embed_views(inputs)))


def test_clustering_takes_the_statistics_of_each_batch(clustered):
    runner, initial = clustered(batch_norm='train')
    inputs = batch_of(runner, initial, draw_order(SEED, 0, NUM_IMAGES))
    with torch.no_grad():
        z1, _ = points_of(initial.train().embed_views(inputs))
    expected = MiniBatchKMeans(CLUSTERS, seed=SEED).initialize(z1)
    assert torch.allclose(
        runner.model.decode_head.centroids1, expected.centroids, atol=1e-5
    )


def test_statistics_do_not_move_by_default(clustered):
    runner, _ = clustered()
    assert runner.model.backbone.bn1.num_batches_tracked == 0


def test_only_batch_norm_is_in_training_mode():
    class Network(nn.Sequential):
        def train(self, mode=True):
            super().train(mode)
            self[2].eval()  # as norm_eval
            return self

    network = Network(nn.BatchNorm1d(2), nn.Dropout(), nn.BatchNorm1d(2)).train()
    with batch_norm_in_training(network):
        assert [module.training for module in network] == [True, False, False]
    assert [module.training for module in network] == [True, True, False]


def test_resume_with_moving_statistics_is_exact(config):
    hooks = [dict(ONE_BATCH, batch_norm='train', cluster_size_from='labels')]
    whole = run(config('whole', rounds=2, custom_hooks=hooks)).model.state_dict()
    run(config('part', rounds=1, custom_hooks=hooks))
    rest = run(config('part', rounds=2, resume=True, custom_hooks=hooks))
    for name, value in rest.model.state_dict().items():
        assert torch.equal(value, whole[name]), name


@pytest.mark.parametrize('norm', ['SyncBN', 'none'])
def test_statistics_that_cannot_move_are_refused(config, norm):
    cfg = config(custom_hooks=[dict(ONE_BATCH, batch_norm='train')])
    if norm == 'none':
        cfg.model.backbone = dict(type='PixelColors')
        cfg.model.neck = None
        cfg.model.decode_head.in_channels = 3
    runner = Runner.from_cfg(cfg)  # turns SyncBN into BN in one process
    if norm == 'SyncBN':
        runner.model = nn.SyncBatchNorm.convert_sync_batchnorm(runner.model)
    with pytest.raises(ValueError, match="batch_norm='train' needs norm_cfg.type=BN"):
        runner.train()


# --- cluster sizes ----------------------------------------------------------------


def test_label_pass_counts_the_labels_under_the_final_centroids(clustered):
    runner, _ = clustered(cluster_size_from='labels', batch_size=2, init_images=2)
    model = runner.model
    head = model.decode_head
    embedded = points_of(model.frozen_embed_views(batch_of(runner, model)))
    for points, centroids, sizes in zip(
        embedded,
        (head.centroids1, head.centroids2),
        (head.cluster_size1, head.cluster_size2),
    ):
        nearest = torch.cdist(points.double(), centroids.double()).argmin(1)
        expected = torch.bincount(nearest, minlength=CLUSTERS)
        assert sizes.sum() == len(points) == NUM_IMAGES * 16 * 16
        # A pixel on the border of two clusters may go either way.
        assert (sizes - expected).abs().max() <= 2


def test_label_pass_changes_nothing_but_the_sizes(clustered):
    options = dict(batch_size=2, init_images=2)
    plain = clustered(**options)[0].model.state_dict()
    counted = clustered(**options, cluster_size_from='labels')[0].model.state_dict()
    changed = {name for name, v in plain.items() if not torch.equal(v, counted[name])}
    assert changed == {'decode_head.cluster_size1', 'decode_head.cluster_size2'}


# --- one set of centroids -----------------------------------------------------------


def test_shared_centroids_are_those_of_the_points_of_both_views(clustered):
    runner, _ = clustered(centroid_sets='shared')
    model = runner.model
    order = draw_order(SEED, 0, NUM_IMAGES)
    z1, z2 = model.frozen_embed_views(batch_of(runner, model, order))
    pairs = torch.stack(points_of([z1, z2])).view(2, NUM_IMAGES, -1, z1.shape[1])
    points = pairs.transpose(0, 1).flatten(0, 2)  # views of an image follow each other
    expected = MiniBatchKMeans(CLUSTERS, seed=SEED).initialize(points)
    head = model.decode_head
    for centroids in (head.centroids1, head.centroids2):
        assert torch.allclose(centroids, expected.centroids, atol=1e-5)
    assert torch.equal(head.cluster_size1, head.cluster_size2)
    assert head.cluster_size1.sum() == 2 * NUM_IMAGES * 16 * 16


# --- images of the refit --------------------------------------------------------------


def test_refit_on_the_validation_images_takes_each_of_their_pixels(config):
    hooks = [dict(ONE_BATCH, refit_images='val', image_share=0.5)]
    runner = run(config(custom_hooks=hooks))
    model = runner.model.eval()
    images = [
        model.data_preprocessor(dict(inputs=[s['inputs']], data_samples=[]), False)
        for s in runner.val_dataloader.dataset
    ]
    with torch.no_grad():
        maps = [
            model.decode_head.unit(model.extract_feat(i['inputs'])[0]) for i in images
        ]
    order = draw_order(SEED, 1, len(maps))
    points = torch.cat(points_of([maps[index] for index in order]))
    expected = MiniBatchKMeans(CLUSTERS, seed=SEED).initialize(points)
    head = model.decode_head
    assert head.eval_cluster_size.sum() == 3 * 10 * 14
    assert torch.allclose(head.eval_centroids, expected.centroids, atol=1e-5)


@pytest.mark.parametrize('missing', ['validation', 'refit'])
def test_refit_on_validation_images_needs_both(config, missing):
    hook = dict(ONE_BATCH, refit_images='val')
    cfg = config(custom_hooks=[hook])
    if missing == 'refit':
        cfg.custom_hooks[0].eval_centroids = 'view1'
    else:
        cfg.val_dataloader = cfg.val_cfg = cfg.val_evaluator = None
    with pytest.raises(ValueError, match="refit_images='val' needs"):
        run(cfg)


# --- view 1 in training ---------------------------------------------------------------


def test_training_sees_its_own_view1_and_clustering_does_not(clustered):
    runner, _ = clustered()
    model = runner.model.eval()
    inputs = batch_of(runner, model)
    other = torch.randn(
        inputs['view1'].shape, generator=torch.Generator().manual_seed(0)
    )
    both = dict(inputs, train_view1=other)
    with torch.no_grad():
        plain, trained = model.embed_views(inputs), model.embed_views(both)
        assert not torch.allclose(plain[0], trained[0], atol=1e-2)
        assert torch.equal(trained[0], model.embed_views(dict(both, view1=other))[0])
    assert torch.equal(plain[1], trained[1])
    assert all(map(torch.equal, model.frozen_embed_views(both), plain))


def test_live_clustering_leaves_the_view1_of_training_out(clustered, monkeypatch):
    runner, _ = clustered()
    model = runner.model
    dataset = runner.train_dataloader.dataset
    prepare = model.data_preprocessor.forward

    def with_training_view(*args):
        output = prepare(*args)
        output['inputs']['train_view1'] = output['inputs']['view1'].clone()
        return output

    monkeypatch.setattr(model.data_preprocessor, 'forward', with_training_view)
    seen = []

    def embed(inputs):
        seen.append(set(inputs))
        return model.frozen_embed_views(inputs)

    images = view_pass(dataset, NUM_IMAGES, 0, 1.0)
    cluster_views(model, images, (SEED, 0), ClusteringOptions(), embed, False)
    assert seen == [{'view1', 'view2', 'box', 'flip'}]


@pytest.mark.parametrize(
    'name', ['batch_norm', 'cluster_size_from', 'refit_images', 'centroid_sets']
)
def test_unknown_option_names_the_known_ones(config, name):
    hooks = [dict(type='KMeansLabelHook', **{name: 'both'})]
    with pytest.raises(ValueError, match=rf"{name} must be one of \(.*got 'both'"):
        Runner.from_cfg(config(custom_hooks=hooks))


# --- several processes ----------------------------------------------------------------


def train_reference(config, model):
    hook = dict(cluster_size_from='labels', centroid_sets='shared')
    config.custom_hooks[0].update(hook)
    config.model.backbone.norm_eval = True  # a batch has other statistics than a half
    config.optim_wrapper.optimizer = dict(type='SGD', lr=0.1)
    if model == 'MDC':
        config.merge_from_dict(dict(model=dict(type='MDC')))
        config.model.decode_head.type = 'ClassifierHead'
    else:
        config.model.decode_head.loss.cross_loss = 'mse'
    Runner.from_cfg(config).train()


def train_here(rank, root, work_dir, model):
    # Three images per process and step: the last step leaves one without samples.
    config = make_config(root, work_dir, rounds=2, batch_size=3)
    config.launcher = 'pytorch'
    config.custom_hooks[0].batch_size = 1
    config.model_wrapper_cfg = dict(
        type='MMDistributedDataParallel', device_ids=None, broadcast_buffers=False
    )
    train_reference(config, model)


@pytest.mark.parametrize('model', ['MDC', 'PiCIE'])
def test_rounds_in_two_processes_equal_one(camvid_root, tmp_path, model):
    in_processes(2, tmp_path, train_here, camvid_root, tmp_path / 'two', model)
    train_reference(
        make_config(camvid_root, tmp_path / 'one', rounds=2, batch_size=6), model
    )
    for epoch in (1, 2):
        one, two = (state(tmp_path / name, epoch) for name in ('one', 'two'))
        for name, value in one.items():
            if 'cluster_size' in name:
                # A pixel on the border of two clusters may go either way.
                assert (value - two[name]).abs().max() <= 8, name
            else:
                assert torch.allclose(value.double(), two[name].double(), atol=1e-3), (
                    name
                )


def moving_here(rank, root, work_dir):
    config = make_config(root, work_dir, batch_size=3)
    config.launcher = 'pytorch'
    config.custom_hooks[0].update(batch_norm='train', batch_size=1)
    config.model_wrapper_cfg = dict(
        type='MMDistributedDataParallel', device_ids=None, broadcast_buffers=False
    )
    runner = Runner.from_cfg(config)

    def stop(*args, **kwargs):
        norm = runner.model.module.backbone.bn1
        torch.save(norm.state_dict(), work_dir / f'{rank}.pth')
        raise StopBeforeTraining

    runner.model.train_step = stop
    with pytest.raises(StopBeforeTraining):
        runner.train()


def test_moved_statistics_are_alike_in_all_processes(camvid_root, tmp_path):
    in_processes(2, tmp_path, moving_here, camvid_root, tmp_path / 'run')
    first, second = (torch.load(tmp_path / 'run' / f'{rank}.pth') for rank in (0, 1))
    assert first['num_batches_tracked'] == 8  # 4 images of 2 views
    assert first['running_mean'].abs().sum() > 0
    assert all(torch.equal(value, second[name]) for name, value in first.items())


def losses_of(kind, points, labels, centroids, sizes):
    if kind == 'mse':
        loss = ClusteringLoss(cluster_weight='inverse_sqrt', cross_loss='mse')
        return loss(tuple(points), tuple(labels), centroids, sizes)
    loss = ClusteringLoss(cluster_weight='inverse_sqrt')
    maps = points[0].T[None, :, None] if len(points[0]) else points[0][..., None, None]
    scores = torch.nn.functional.conv2d(maps, centroids[0][..., None, None])
    return dict(loss=loss.of_scores(scores, labels[0], sizes[0]))


def loss_here(rank, kind, shares, out):
    points, labels, centroids, sizes = loss_case()
    here = slice(sum(shares[:rank]), sum(shares[: rank + 1]))
    points = points[:, here].clone().requires_grad_()
    value = sum(losses_of(kind, points, labels[:, here], centroids, sizes).values())
    (gradient,) = torch.autograd.grad(value, points)
    # DDP averages over processes; what is left of a point's gradient is a share.
    torch.save((value.detach(), gradient / len(shares)), out / f'{rank}.pth')


@pytest.mark.parametrize('kind', ['mse', 'scores'])
@pytest.mark.parametrize('shares', [(4, 5), (9, 0)])
def test_loss_and_gradient_equal_one_process(tmp_path, kind, shares):
    in_processes(2, tmp_path, loss_here, kind, shares, tmp_path)
    points, labels, centroids, sizes = loss_case()
    assert points.shape == (2, sum(shares), DIM)
    points.requires_grad_()
    value = sum(losses_of(kind, points, labels, centroids, sizes).values())
    (gradient,) = torch.autograd.grad(value, points)
    parts = [torch.load(tmp_path / f'{rank}.pth') for rank in range(2)]
    assert all(torch.allclose(part[0], value, rtol=1e-6) for part in parts)
    joined = torch.cat([part[1] for part in parts], dim=1)
    assert torch.allclose(joined, gradient, atol=1e-7)
