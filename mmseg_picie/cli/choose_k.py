"""The command that scores numbers of clusters without labels."""

import argparse
import csv
import io
import statistics
from functools import partial
from pathlib import Path

import torch
from mmengine.runner import Runner
from prettytable import PrettyTable
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
from ..errors import InputError
from ..files import write_whole
from ..models import RoundSegmentor
from ..scores import cluster_agreement
from .commands import add_config_changes, build_runner, load_config, run
from .config_checks import check_checkpoint, has_clustering

# What sets a network up before the first round.
SETTING_UP = (FitPCAHook, CalibrateBatchNormHook, InitialProjectionHook)
NAMES = (
    *('view_agreement', 'explained_inertia', 'size_entropy', 'silhouette'),
    *('seed_agreement', 'neighbor_agreement'),
)


def choose_k(argv: list[str] | None = None) -> int:
    """Runs ``tools/choose_k.py``; returns the exit code."""
    return run(_choose, choose_k_parser().parse_args(argv))


def choose_k_parser() -> argparse.ArgumentParser:
    """The arguments of ``tools/choose_k.py``."""
    parser = argparse.ArgumentParser(
        description='Clusters the embedding of a network for a list of K and prints '
        'scores that need no labels, in percent, higher is meant to be better.',
        epilog='The training images are clustered as for the evaluation centroids, '
        'once per seed; scores are means over the seeds, on a sample of training '
        'images. seed_agreement is the agreement between the seeds. explained_inertia '
        'grows with K whatever the data are.',
    )
    parser.add_argument('config', help='config of a training')
    parser.add_argument(
        'checkpoint',
        nargs='?',
        help='checkpoint of a run of that config, whatever its number of clusters; '
        'without it the network as a training would start',
    )
    parser.add_argument(
        '--clusters',
        type=int,
        nargs='+',
        required=True,
        metavar='K',
        help='what to try',
    )
    parser.add_argument(
        '--seeds', type=int, nargs='+', default=[0, 1, 2], help='default: 0 1 2'
    )
    parser.add_argument('--out', type=Path, help='CSV file, one row per K and seed')
    add_config_changes(parser)
    parser.add_argument(
        '--work-dir', default='work_dirs/choose_k', help='folder of the log'
    )
    parser.set_defaults(launcher='none', local_rank=0)
    return parser


def _choose(args: argparse.Namespace) -> None:
    for name, values, least in (
        ('--clusters', args.clusters, 2),
        ('--seeds', args.seeds, 0),
    ):
        if min(values) < least or len(set(values)) < len(values):
            raise InputError(
                f'{name} must be different numbers >= {least}, got {values}'
            )
    if args.checkpoint:
        check_checkpoint(args.checkpoint, 'checkpoint')
    cfg = load_config(args)
    if not has_clustering(cfg):
        raise InputError(
            f'{args.config} has no KMeansLabelHook in default_hooks: name a config '
            'of a method that clusters'
        )
    cfg.log_level = 'ERROR'  # the Runner would describe a training
    runner = build_runner(cfg)
    rows = score_numbers(runner, args.checkpoint, args.clusters, args.seeds)
    print(table(rows))
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(args.out, to_csv(rows).encode())
        print(f'Scores by K and seed: {args.out}')


def score_numbers(
    runner: Runner, checkpoint: str | None, clusters: list[int], seeds: list[int]
) -> list[dict]:
    """Scores each K with each seed.

    Args:
        runner: Built from a config with ``KMeansLabelHook``; not run.
        checkpoint: Weights to embed with; None for those that training starts from.
        clusters: Numbers of clusters.
        seeds: Seeds of the clusterings.

    Returns:
        Dicts of K, seed and the scores; ``seed_agreement`` is the mean agreement
        with the other seeds, None where there is one.
    """
    model, dataset = unwrap(runner.model), runner.train_dataloader.dataset
    model.init_weights()
    for hook in runner.hooks:
        if isinstance(hook, SETTING_UP):
            hook.before_train(runner)
    settings = find_hook(runner, LabelFreeScoresHook) or LabelFreeScoresHook()
    sample = LabelFreeSample(
        dataset,
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
    rows, found = [], {}
    for seed in seeds:
        for number, centroids in zip(
            clusters, cluster(runner, model, clusters, seed), strict=True
        ):
            scores, ids = score_sample(
                points,
                views,
                neighbors,
                partial(nearest_cluster, centroids=centroids.cpu(), rule=rule),
                number,
            )
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


@torch.no_grad()
def cluster(
    runner: Runner, model: RoundSegmentor, clusters: list[int], seed: int
) -> list[Tensor]:
    """Centroids of each K, (K, D), from one pass over the training images.

    As the evaluation centroids are fitted; each K keeps its own sample for its init.
    """
    kmeans = find_hook(runner, KMeansLabelHook)
    images = find_hook(runner, RefitHook).open_pass(runner, kmeans)
    clusterers = [
        StreamClusterer(number, images.num_images, kmeans.settings, (seed, 0))
        for number in clusters
    ]
    title = f'clustering with seed {seed}'
    for indices, points in image_points(model, images, (seed, 0), title):
        for clusterer in clusterers:
            clusterer.update(points, indices, images.images_per_step)
    return [clusterer.finish().centroids for clusterer in clusterers]


def means(rows: list[dict]) -> dict[int, dict[str, float | None]]:
    """Mean of each score over the seeds, by K."""
    result: dict[int, dict[str, float | None]] = {}
    for number in dict.fromkeys(row['K'] for row in rows):
        mine = [row for row in rows if row['K'] == number]
        result[number] = {
            name: None
            if mine[0][name] is None
            else statistics.mean(row[name] for row in mine)
            for name in NAMES
        }
    return result


def table(rows: list[dict]) -> str:
    """Means over the seeds by K; the last row is the best K by each score."""
    by_number = means(rows)
    text = PrettyTable(['K', *NAMES])
    for number, scores in by_number.items():
        cells = ['-' if scores[n] is None else f'{scores[n]:.2f}' for n in NAMES]
        text.add_row([number, *cells], divider=number == list(by_number)[-1])
    best = [
        '-'
        if any(scores[name] is None for scores in by_number.values())
        else max(by_number, key=lambda number: by_number[number][name])
        for name in NAMES
    ]
    text.add_row(['best K', *best])
    return text.get_string()


def to_csv(rows: list[dict]) -> str:
    """The rows as CSV; an empty field where there is no score."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, ['K', 'seed', *NAMES], lineterminator='\n')
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
