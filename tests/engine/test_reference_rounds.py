"""Options of the rounds that do as the released code or the paper's ablations."""

import pytest
import torch
from first_clustering import NUM_IMAGES, batch_of, points_of
from mmengine.runner import Runner
from small_run import CLUSTERS, SEED, run

from mmseg_picie.clustering import kmeans
from mmseg_picie.engine import ClusteringSettings
from mmseg_picie.engine.rounds.clustering_passes import cluster_views
from mmseg_picie.engine.rounds.passes import view_pass
from mmseg_picie.views import draw_order

# --- cluster sizes ----------------------------------------------------------------


def test_label_pass_counts_the_labels_under_the_final_centroids(clustered):
    runner, _ = clustered(cluster_size_from='labels', batch_size=2, init_images=2)
    model = runner.model
    head = model.decode_head
    embedded = points_of(model.frozen_views(batch_of(runner, model)))
    for points, centroids, sizes in zip(
        embedded, head.centroids, head.cluster_sizes, strict=True
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
    assert changed == {'decode_head.cluster_sizes'}


# --- sets of centroids --------------------------------------------------------------


def test_each_view_has_the_centroids_of_its_own_points(clustered):
    runner, _ = clustered()
    model = runner.model
    order = draw_order(SEED, 0, NUM_IMAGES)
    embedded = points_of(model.frozen_views(batch_of(runner, model, order)))
    for points, found in zip(embedded, model.decode_head.centroids, strict=True):
        expected = kmeans(points, CLUSTERS, seed=SEED)
        assert torch.allclose(found, expected.centroids, atol=1e-5)


def test_shared_centroids_are_those_of_the_points_of_both_views(clustered):
    runner, _ = clustered(centroid_sets='shared')
    model = runner.model
    order = draw_order(SEED, 0, NUM_IMAGES)
    z1, z2 = model.frozen_views(batch_of(runner, model, order))
    pairs = torch.stack(points_of([z1, z2])).view(2, NUM_IMAGES, -1, z1.shape[1])
    points = pairs.transpose(0, 1).flatten(0, 2)  # views of an image follow each other
    expected = kmeans(points, CLUSTERS, seed=SEED)
    head = model.decode_head
    for centroids in head.centroids:
        assert torch.allclose(centroids, expected.centroids, atol=1e-5)
    assert torch.equal(head.cluster_sizes[0], head.cluster_sizes[1])
    assert head.cluster_sizes[0].sum() == 2 * NUM_IMAGES * 16 * 16


# --- images of the refit --------------------------------------------------------------


def test_refit_on_the_validation_images_takes_each_of_their_pixels(config):
    kmeans_options = dict(batch_size=NUM_IMAGES, init_images=NUM_IMAGES)
    hooks = dict(
        kmeans=dict(image_share=0.5, **kmeans_options), refit=dict(images='val')
    )
    runner = run(config(default_hooks=hooks))
    model = runner.model.eval()
    images = [
        model.data_preprocessor(dict(inputs=[s['inputs']], data_samples=[]), False)
        for s in runner.val_dataloader.dataset
    ]
    with torch.no_grad():
        maps = [model.embed(i['inputs']) for i in images]
    order = draw_order(SEED, 1, len(maps))
    points = torch.cat(points_of([maps[index] for index in order]))
    expected = kmeans(points, CLUSTERS, seed=SEED)
    head = model.decode_head
    assert head.eval_cluster_size.sum() == 3 * 10 * 14
    assert torch.allclose(head.eval_centroids, expected.centroids, atol=1e-5)


@pytest.mark.parametrize('missing', ['validation', 'refit'])
def test_refit_on_validation_images_needs_both(config, missing):
    cfg = config(default_hooks=dict(refit=dict(images='val')))
    if missing == 'refit':
        cfg.default_hooks.refit.eval_centroids = 'view1'
    else:
        cfg.val_dataloader = cfg.val_cfg = cfg.val_evaluator = None
    with pytest.raises(ValueError, match="RefitHook.images='val' needs"):
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
        plain, trained = model.trained_views(inputs), model.trained_views(both)
        assert not torch.allclose(plain[0], trained[0], atol=1e-2)
        swapped = model.trained_views(dict(both, view1=other))
    assert torch.equal(trained[0], swapped[0])
    assert torch.equal(plain[1], trained[1])
    assert all(map(torch.equal, model.frozen_views(both), plain))


def test_clustering_leaves_the_view1_of_training_out(clustered, monkeypatch):
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
        return model.frozen_views(inputs)

    images = view_pass(dataset, NUM_IMAGES, 0, 1.0)
    cluster_views(model, images, (SEED, 0), ClusteringSettings(), embed, False)
    assert seen == [{'view1', 'view2', 'box', 'flip', 'turns'}]


@pytest.mark.parametrize(
    'hook, name',
    [
        ('kmeans', 'batch_norm'),
        ('kmeans', 'cluster_size_from'),
        ('kmeans', 'centroid_sets'),
        ('refit', 'images'),
        ('refit', 'eval_centroids'),
    ],
)
def test_unknown_option_names_the_known_ones(config, hook, name):
    hooks = {hook: {name: 'both'}}
    with pytest.raises(ValueError, match=rf"{name} must be one of \(.*got 'both'"):
        Runner.from_cfg(config(default_hooks=hooks))
