"""With ``warm_start`` the clusterings of a run descend from one of plain images."""

import pytest
import torch
import torch.nn.functional as F
from first_clustering import NUM_IMAGES, batch_of, points_of
from mmengine.hooks import Hook
from mmengine.runner import Runner
from small_run import CLUSTERS, SEED, run, state

from mmseg_picie.clustering import kmeans, lloyd
from mmseg_picie.engine import ClusteringSettings
from mmseg_picie.engine.rounds.clustering_passes import cluster_views
from mmseg_picie.engine.rounds.passes import view_pass
from mmseg_picie.views import draw_order, round_clock

# The network stays as it is, so what moves is the clustering.
STILL = dict(
    optim_wrapper=dict(optimizer=dict(lr=0.0)),
    model=dict(backbone=dict(norm_eval=True)),
)
PARTS = [('centroids', 0), ('centroids', 1), ('eval_centroids', ...)]
AUXILIARY = 9


def warm(**options):
    return dict(kmeans=dict(warm_start=True, **options))


def test_clusterings_go_on_from_the_one_before(config, tmp_path):
    for name, warm_start in (('warm', True), ('drawn', False)):
        hooks = dict(kmeans=dict(warm_start=warm_start, iterations=1))
        run(config(name, rounds=2, default_hooks=hooks, **STILL))

    def moved(name, part, view):
        first, second = (
            state(tmp_path / name, epoch)[f'decode_head.{part}'][view]
            for epoch in (1, 2)
        )
        return float((first - second).norm(dim=1).mean())

    for part in PARTS:
        assert moved('warm', *part) < 0.5 * moved('drawn', *part), part


def test_views_begin_with_the_clusters_of_plain_images(config):
    # One iteration leads not far away.
    options = dict(default_hooks=warm(iterations=1), **STILL)
    plain = config('plain', train_cfg=dict(type='ClusterOnlyLoop'), **options)
    initial = run(plain).model.decode_head.eval_centroids
    head = run(config(**options)).model.decode_head
    for part, view in PARTS:
        nearest = torch.cdist(initial, getattr(head, part)[view]).argmin(dim=1)
        assert nearest.tolist() == list(range(CLUSTERS)), (part, view)


class KeepInitialCentroids(Hook):
    """Keeps what each round's clusterings of the views go on from, for each head."""

    priority = 39  # between RefitHook and KMeansLabelHook

    def __init__(self):
        self.rounds, self.rounds_trained = [], []

    def before_train_epoch(self, runner):
        heads = runner.model.clustering_heads
        found = [head.initial_centroids() for head in heads]
        # Copies: the heads give views of buffers that the round overwrites.
        self.rounds.append([None if c is None else c.clone() for c in found])
        self.rounds_trained.append(int(heads[0].centroids_round))


def test_later_rounds_go_on_from_the_centroids_that_predicted_last(config, tmp_path):
    hooks = warm(iterations=1)  # not at rest: another clustering would move them
    runner = Runner.from_cfg(config(rounds=2, default_hooks=hooks))
    keep = KeepInitialCentroids()
    runner.register_hook(keep)
    runner.train()
    (initial,) = keep.rounds[1]
    predicting = state(tmp_path / 'run', 1)['decode_head.eval_centroids']
    assert torch.equal(initial, torch.stack([predicting, predicting]))
    assert keep.rounds_trained == [0, 1]


def test_head_that_does_not_predict_goes_on_from_each_views_own(config):
    settings = ClusteringSettings(warm_start=True, iterations=1)
    runner = Runner.from_cfg(config(model=dict(auxiliary_clusters=AUXILIARY)))
    model = runner.model
    model.init_weights()
    model.freeze_network()
    before = F.normalize(torch.randn(2, AUXILIARY, 8), dim=2)
    model.auxiliary_head.set_view_clusters(before, torch.ones(2, AUXILIARY))
    images = view_pass(runner.train_dataloader.dataset, NUM_IMAGES, 0, share=1.0)
    round_clock.set(SEED, 0)
    cluster_views(model, images, (SEED, 0), settings, model.frozen_views, shared=False)
    maps = model.frozen_views(batch_of(runner, model))
    for points, initial, found in zip(
        points_of(maps), before, model.auxiliary_head.centroids, strict=True
    ):
        expected = lloyd(points, initial, iterations=1).centroids
        torch.testing.assert_close(found, expected, atol=1e-5, rtol=0)


def plain_points(runner):
    """Embeddings of all training images without augmentation, as one pass has them."""
    model = runner.model.eval()
    training, labeled = runner.train_dataloader.dataset, runner.val_dataloader.dataset
    load, *_, pack = labeled.pipeline.transforms
    points = []
    for index in draw_order(SEED, 0, len(training)):
        sample = pack(load(training.get_data_info(int(index))))
        batch = dict(inputs=[sample['inputs']], data_samples=[sample['data_samples']])
        with torch.no_grad():
            maps = model.embed(model.data_preprocessor(batch, False)['inputs'])
        points.extend(points_of([maps]))
    return torch.cat(points)


@pytest.mark.parametrize('head', [0, 1])
def test_each_head_begins_with_its_clusters_of_plain_images(config, head):
    hooks = warm(init_images=7)  # all of them
    model = dict(auxiliary_clusters=AUXILIARY)
    runner = Runner.from_cfg(config(default_hooks=hooks, model=model))
    runner.model.init_weights()
    keep, points = KeepInitialCentroids(), plain_points(runner)
    runner.register_hook(keep)
    runner.train()
    number = (CLUSTERS, AUXILIARY)[head]
    expected = kmeans(points, number, seed=SEED).centroids
    initial = keep.rounds[0][head]
    assert initial is not None
    for centroids in initial:
        torch.testing.assert_close(centroids, expected, atol=1e-5, rtol=0)
