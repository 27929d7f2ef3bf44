"""The reference configs against formulas, written from the released code's steps."""

import copy
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.registry import HOOKS, init_default_scope
from mmengine.runner import Runner
from mmseg.registry import DATASETS, MODELS

from mmseg_picie.clustering import KMeansSettings, kmeans
from mmseg_picie.views.sampling import draw_order

CONFIGS = Path(__file__).resolve().parents[1] / 'configs/picie'
NAMES = {
    'r18_coco27': (320, 640, 80, 27, 1e-4),
    'r18_cityscapes27': (320, 640, 80, 27, 1e-3),
    'r18_camvid': (128, 256, 32, 11, 1e-4),
    'mbv2_camvid': (128, 256, 32, 11, 1e-4),
}
NUM_CLUSTERS, SIZE, BATCH, INIT_IMAGES = 4, 8, 2, 4
MEAN, STD = (123.675, 116.28, 103.53), (58.395, 57.12, 57.375)


def config_of(name):
    return Config.fromfile(CONFIGS / f'picie_fpn_{name}_reference.py')


# --- what the configs say -----------------------------------------------------------


@pytest.mark.parametrize('name', NAMES)
def test_reference_config_states_the_released_choices(name):
    size, frame, grid, clusters, rate = NAMES[name]
    cfg = config_of(name)
    head, views = cfg.model.decode_head, cfg.train_dataloader.dataset.pipeline[1]
    assert (head.label_rule, head.predict_rule) == ('euclidean', 'dot')
    assert (head.loss.rule, head.loss.cluster_weight) == ('dot', 'frequency')
    assert head.num_clusters == clusters
    assert (views.size, views.frame_size, views.feature_grid) == (size, frame, grid)
    assert (views.grayscale_prob, views.blur_draw) == (0, 'gate')
    assert views.photometric == 'chain'
    plain = name == 'r18_cityscapes27'
    assert (views.get('train_view1') == 'plain') == plain
    kmeans = cfg.default_hooks.kmeans
    assert (kmeans.batch_norm, kmeans.cluster_size_from) == ('train', 'labels')
    assert (kmeans.init, kmeans.init_images, kmeans.iterations) == ('random', 5120, 20)
    assert cfg.default_hooks.refit.eval_centroids == 'view1'
    assert (cfg.optim_wrapper.optimizer.lr, cfg.train_cfg.max_epochs) == (rate, 10)


@pytest.mark.parametrize('name', NAMES)
def test_reference_config_differs_from_the_papers_in_choices_alone(name):
    plain = Config.fromfile(CONFIGS / f'picie_fpn_{name}.py')
    configs = [cfg.to_dict() for cfg in (config_of(name), plain)]
    for cfg in configs:
        for key in [k for k in cfg if k.startswith('reference_') or k == 'views']:
            del cfg[key]
        for rule in ('label_rule', 'predict_rule', 'loss'):
            del cfg['model']['decode_head'][rule]
        loaded = cfg['train_dataloader']['dataset']['pipeline']
        for pipeline in (cfg['train_pipeline'], loaded):
            pipeline[1] = {k: pipeline[1][k] for k in ('type', 'size', 'frame')}
        for hook in ('kmeans', 'refit'):
            settings = cfg['default_hooks'][hook]
            cfg['default_hooks'][hook] = {
                k: settings[k] for k in ('type', 'batch_size')
            }
    assert configs[0] == configs[1]


@pytest.mark.parametrize('name', NAMES)
def test_reference_config_builds(name):
    cfg = config_of(name)
    init_default_scope('mmseg')
    cfg.model.backbone.init_cfg = None
    MODELS.build(cfg.model)
    for hook in ('kmeans', 'refit'):
        HOOKS.build(cfg.default_hooks[hook])
    assert DATASETS.get(cfg.train_dataloader.dataset.type) is not None


# --- one round on small images ------------------------------------------------------


class Probe(Hook):
    """Keeps what a round starts from, and what it makes of it."""

    priority = 'VERY_LOW'

    def before_train(self, runner):
        self.start = copy.deepcopy(runner.model)

    def before_train_epoch(self, runner):
        self.clustered = copy.deepcopy(runner.model)

    def after_train_iter(self, runner, batch_idx, data_batch=None, outputs=None):
        if batch_idx == 0:
            self.batch = data_batch['inputs']
            self.loss = {name: value.item() for name, value in outputs.items()}


def small_config(camvid_root, work_dir, **views) -> Config:
    """The reference config of CamVid on images of 40 x 56 px, random weights."""
    cfg = config_of('r18_camvid')
    cfg.model.backbone.init_cfg = None
    cfg.model.neck.out_channels = cfg.model.decode_head.in_channels = SIZE
    cfg.model.decode_head.num_clusters = NUM_CLUSTERS
    for part in ('dataloader', 'evaluator', 'cfg'):
        cfg[f'val_{part}'] = cfg[f'test_{part}'] = None
    loader = cfg.train_dataloader
    loader.batch_size, loader.num_workers, loader.persistent_workers = 3, 0, False
    loader.dataset.data_root = str(camvid_root)
    loader.dataset.pipeline[1].update(size=64, frame_size=128, feature_grid=16, **views)
    cfg.default_hooks.kmeans.update(batch_size=BATCH, init_images=INIT_IMAGES)
    cfg.train_cfg.max_epochs = 1
    cfg.merge_from_dict(
        dict(
            work_dir=str(work_dir),
            randomness=dict(seed=3),
            log_level='ERROR',
            experiment_name=f'{work_dir.parent.name}_{work_dir.name}',
        )
    )
    return cfg


@pytest.fixture(scope='module', params=['augmented', 'plain'])
def round_(request, camvid_root, tmp_path_factory):
    work_dir = tmp_path_factory.mktemp('reference') / request.param
    cfg = small_config(camvid_root, work_dir, train_view1=request.param)
    runner = Runner.from_cfg(cfg)
    probe = Probe()
    runner.register_hook(probe)
    runner.train()
    return runner, probe, request.param


def normalized(images):
    """uint8 BGR -> RGB by ImageNet's mean and deviation."""
    mean, std = (torch.tensor(v)[:, None, None] for v in (MEAN, STD))
    return (images.float().flip(1) - mean) / std


def features_of(model, images):
    """ResNet-18, 1x1 laterals, top-down sums: (N, D, h, w), not yet unit."""
    output = None
    for level, lateral in zip(
        model.backbone(images)[::-1], reversed(model.neck.laterals), strict=True
    ):
        level = F.conv2d(level, lateral.weight, lateral.bias)
        if output is not None:
            output = level + F.interpolate(
                output, level.shape[2:], mode='bilinear', align_corners=False
            )
        else:
            output = level
    return output


def window_of(features, box, flip):
    """The window of each map at its own size, mirrored where said."""
    size = features.shape[-1]
    steps = (torch.arange(size) + 0.5) / size
    maps = []
    for one, (x0, y0, x1, y1), mirrored in zip(features, box, flip, strict=True):
        x = x0 + (steps.flip(0) if mirrored else steps) * (x1 - x0)
        y = y0 + steps * (y1 - y0)
        rows, columns = torch.meshgrid(2 * y - 1, 2 * x - 1, indexing='ij')
        grid = torch.stack([columns, rows], -1)[None]
        maps.append(
            F.grid_sample(one[None], grid, padding_mode='border', align_corners=False)
        )
    return torch.cat(maps)


def unit_views(model, inputs, view1='view1'):
    first = features_of(model, normalized(inputs[view1]))
    second = features_of(model, normalized(inputs['view2']))
    second = window_of(second, inputs['box'], inputs['flip'])
    return F.normalize(first, dim=1), F.normalize(second, dim=1)


def points_of(maps):
    return maps.permute(0, 2, 3, 1).flatten(0, 2)


def nearest(points, centroids):
    """argmax of 2 z.c - |c|^2, (M,)."""
    return (2 * points @ centroids.T - centroids.square().sum(1)).argmax(1)


def centroids_by_running_means(batches, seed):
    """k-means on the first images, then c <- (1 - a) c + a mean, a = n / count."""
    steps = INIT_IMAGES // BATCH
    sample = torch.cat(batches[:steps])
    settings = KMeansSettings(iterations=20, init='random')
    init = kmeans(sample, NUM_CLUSTERS, seed=seed, settings=settings)
    centroids = init.centroids.double()
    counts = nearest(sample.double(), centroids).bincount(minlength=NUM_CLUSTERS)
    for points in batches[steps:]:
        points = points.double()
        ids = nearest(points, centroids)
        for cluster in ids.unique():
            own = points[ids == cluster]
            counts[cluster] += len(own)
            rate = len(own) / counts[cluster]
            centroids[cluster] = (1 - rate) * centroids[cluster] + rate * own.mean(0)
    return centroids.float()


def clustering_batches(runner):
    """Batches of a clustering pass in their order."""
    dataset, collate = runner.train_dataloader.dataset, runner.train_dataloader
    order = draw_order(runner.seed, 0, len(dataset)).tolist()
    for start in range(0, len(order), BATCH):
        samples = [dataset[index] for index in order[start : start + BATCH]]
        yield collate.collate_fn(samples)['inputs']


@torch.no_grad()
def test_centroids_are_running_means_of_features_in_training_mode(round_):
    runner, probe, _ = round_
    network = copy.deepcopy(probe.start).train()
    views = [unit_views(network, batch) for batch in clustering_batches(runner)]
    head = probe.clustered.decode_head
    for maps, ours in zip(zip(*views), head.centroids):
        expected = centroids_by_running_means([points_of(z) for z in maps], runner.seed)
        assert torch.allclose(ours, expected, atol=1e-4)
    # R6: the statistics have moved with the batches.
    moved, name = probe.clustered.state_dict(), 'backbone.bn1.running_mean'
    assert torch.allclose(moved[name], network.state_dict()[name], atol=1e-5)
    assert not torch.allclose(moved[name], probe.start.state_dict()[name], atol=1e-3)


@torch.no_grad()
def test_cluster_sizes_count_labels_under_the_final_centroids(round_):
    runner, probe, _ = round_
    network = copy.deepcopy(probe.clustered).eval()
    head = network.decode_head
    sets = head.centroids
    counts = [torch.zeros(NUM_CLUSTERS) for _ in sets]
    for batch in clustering_batches(runner):
        for count, z, centroids in zip(counts, unit_views(network, batch), sets):
            count += nearest(points_of(z), centroids).bincount(minlength=NUM_CLUSTERS)
    for count, ours in zip(counts, head.cluster_sizes):
        assert count.sum() == 7 * 16 * 16
        assert (ours - count).abs().max() <= 2  # ties by rounding


@torch.no_grad()
def test_loss_is_the_mean_of_four_weighted_cross_entropies(round_):
    _, probe, train_view1 = round_
    seen = 'train_view1' if train_view1 == 'plain' else 'view1'
    network, batch = copy.deepcopy(probe.clustered), probe.batch
    head = network.decode_head
    sets = head.centroids
    sizes = head.cluster_sizes.float()
    labels = [
        nearest(points_of(z), centroids)
        for z, centroids in zip(unit_views(network.eval(), batch), sets)
    ]
    maps = unit_views(network.train(), batch, seen)
    terms = [
        [
            F.cross_entropy(
                points_of(z) @ sets[target].T,
                labels[target],
                weight=sizes[target] / sizes[target].sum(),
            )
            for target in (0, 1)
        ]
        for z in maps
    ]
    within, cross = (terms[0][0] + terms[1][1]) / 2, (terms[0][1] + terms[1][0]) / 2
    assert probe.loss['loss'] == pytest.approx(float(within + cross) / 2, abs=1e-4)
    assert probe.loss['loss_within'] == pytest.approx(float(within) / 2, abs=1e-4)


@torch.no_grad()
def test_prediction_is_the_dot_product_with_view_1s_old_centroids(round_):
    runner, probe, _ = round_
    model = copy.deepcopy(runner.model).eval()
    centroids = probe.clustered.decode_head.centroids[0]
    images = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))
    embedding = F.normalize(features_of(model, images), dim=1)
    scores = F.conv2d(embedding, centroids[:, :, None, None])
    scores = F.interpolate(scores, (64, 64), mode='bilinear', align_corners=False)
    ours = model.encode_decode(images, [dict(img_shape=(64, 64))] * 2)
    assert torch.allclose(ours, scores, atol=1e-5)
