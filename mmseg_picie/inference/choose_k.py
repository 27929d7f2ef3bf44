"""Scores of clusterings with several K, without labels."""

import statistics
from collections.abc import Callable
from functools import partial

import torch
from mmengine.runner import Runner
from torch import Tensor

from ..checkpoints import check_loaded, drop_centroids, read_run_checkpoint
from ..clustering import nearest_cluster
from ..engine import (
    CalibrateBatchNormHook,
    FitPCAHook,
    InitialProjectionHook,
    KMeansLabelHook,
    LabelFreeSample,
    LabelFreeScoresHook,
    RefitHook,
    StreamClusterer,
    evaluation_transforms,
    find_hook,
    image_points,
    score_sample,
    unwrap,
)
from ..models import RoundSegmentor
from ..scores import cluster_agreement

# What sets a network up before the first round.
SETTING_UP = (FitPCAHook, CalibrateBatchNormHook, InitialProjectionHook)
SCORE_NAMES = (
    *('view_agreement', 'explained_inertia', 'size_entropy', 'silhouette'),
    *('seed_agreement', 'neighbor_agreement'),
)


def score_numbers(
    runner: Runner, checkpoint: str | None, clusters: list[int], seeds: list[int]
) -> list[dict]:
    """Scores each K with each seed.

    Args:
        runner: Built from a config with ``KMeansLabelHook``; not run.
        checkpoint: Weights to embed with; None for those that training begins with.
        clusters: Numbers of clusters.
        seeds: Seeds of the clusterings.

    Returns:
        Dicts of K, seed and the scores; ``seed_agreement`` is the mean agreement
        with the other seeds, None where there is one.
    """
    model = unwrap(runner.model)
    score = _prepare(runner, model, checkpoint)
    rows, found = [], {}
    for seed in seeds:
        centroids = cluster(runner, model, clusters, seed)
        for number, own in zip(clusters, centroids, strict=True):
            scores, ids = score(own, number)
            rows.append(dict(K=number, seed=seed, **scores))
            found[number, seed] = ids
    for row in rows:
        number, seed = row['K'], row['seed']
        agreements = [
            cluster_agreement(found[number, seed], found[number, other], number)
            for other in seeds
            if other != seed
        ]
        row['seed_agreement'] = statistics.mean(agreements) if agreements else None
    return rows


def _prepare(
    runner: Runner, model: RoundSegmentor, checkpoint: str | None
) -> Callable[[Tensor, int], tuple[dict, Tensor]]:
    """Sets the network up and draws the sample; what scores centroids (K, D) on it."""
    model.init_weights()
    for hook in runner.hooks:
        if isinstance(hook, SETTING_UP):
            hook.before_train(runner)
    settings = find_hook(runner, LabelFreeScoresHook) or LabelFreeScoresHook()
    sample = LabelFreeSample(
        runner.train_dataloader.dataset,
        evaluation_transforms(runner),
        runner.seed,
        settings.num_images,
        settings.points_per_image,
        settings.batch_size,
    )
    model.eval()
    model.freeze_network()
    neighbors = sample.initial_neighbors(model, settings.num_neighbors)
    if checkpoint:
        loaded = read_run_checkpoint(checkpoint)
        drop_centroids(model, loaded)
        check_loaded(model, loaded)
        model.load_state_dict(loaded['state_dict'])
        model.freeze_network()
    points, views = sample.points(model), sample.view_points(model, 0)
    rule = model.decode_head.predict_rule

    def score(centroids: Tensor, number: int) -> tuple[dict, Tensor]:
        predict = partial(nearest_cluster, centroids=centroids.cpu(), rule=rule)
        return score_sample(points, views, neighbors, predict, number)

    return score


@torch.no_grad()
def cluster(
    runner: Runner, model: RoundSegmentor, clusters: list[int], seed: int
) -> list[Tensor]:
    """Centroids of each K, (K, D), from one pass over the training images.

    As the evaluation centroids are fitted; each K keeps its own sample for its init.
    """
    kmeans = find_hook(runner, KMeansLabelHook)
    refit = find_hook(runner, RefitHook) or RefitHook()
    images = refit.open_pass(runner, kmeans)
    clusterers = [
        StreamClusterer(number, images.num_images, kmeans.settings, (seed, 0))
        for number in clusters
    ]
    title = f'clustering with seed {seed}'
    for indices, points in image_points(model, images, (seed, 0), title):
        for clusterer in clusterers:
            clusterer.update(points, indices, images.images_per_step)
    return [clusterer.finish().centroids for clusterer in clusterers]
