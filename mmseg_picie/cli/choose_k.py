"""Scores numbers of clusters without labels."""

import argparse
import csv
import io
import statistics
from pathlib import Path

from prettytable import PrettyTable

from ..errors import InputError
from ..files import write_whole
from ..inference import SCORE_NAMES, WITH_K, best_number, score_numbers
from .arguments import add_config_changes
from .config_checks import check_checkpoint, has_clustering
from .configs import EvaluationRunner, build_runner, load_config
from .parser import Parser
from .run import ConfigErrors, run


def main(argv: list[str] | None = None) -> int:
    """Runs ``tools/choose_k.py``; returns the exit code."""
    return run(_choose, make_parser().parse_args(argv))


def make_parser() -> argparse.ArgumentParser:
    """The arguments of ``tools/choose_k.py``."""
    parser = Parser(
        description='Clusters the embedding of a network for a list of K and prints '
        'scores that need no labels, in percent, higher is meant to be better.',
        epilog='The training images are clustered as for the evaluation centroids, '
        'once per seed; scores are means over the seeds, on a sample of training '
        'images. seed_agreement is the agreement between the seeds. The best K is said '
        f'where a score singles one out. {_with_k()}; none is said for these, nor for '
        'a score that rises or falls over the whole list, nor where seeds differ as '
        'much as the K do.',
    )
    parser.add_argument('config', help='config of a training')
    parser.add_argument(
        'checkpoint',
        nargs='?',
        help='checkpoint of a run of that config, whatever its number of clusters; '
        'without it the network that a training would begin with',
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


def _with_k() -> str:
    """Sentence on the scores that depend on K whatever the data are."""
    parts = []
    for way in dict.fromkeys(WITH_K.values()):
        names = [name for name, its in WITH_K.items() if its == way]
        parts.append(f'{" and ".join(names)} {"fall" if way == "falls" else "rise"}')
    return f'Whatever the data are, with K {" and ".join(parts)}'


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
    with ConfigErrors():
        runner = build_runner(cfg, EvaluationRunner)
        runner.train_loop, runner.val_loop  # noqa: B018 (builds their data sets)
    rows = score_numbers(runner, args.checkpoint, args.clusters, args.seeds)
    print(table(rows))
    if args.out:
        args.out.parent.mkdir(parents=True, exist_ok=True)
        write_whole(args.out, to_csv(rows).encode())
        print(f'Scores by K and seed: {args.out}')


def means(rows: list[dict]) -> dict[int, dict[str, float | None]]:
    """Mean of each score over the seeds, by K."""
    result: dict[int, dict[str, float | None]] = {}
    for number in dict.fromkeys(row['K'] for row in rows):
        mine = [row for row in rows if row['K'] == number]
        result[number] = {
            name: None
            if mine[0][name] is None
            else statistics.mean(row[name] for row in mine)
            for name in SCORE_NAMES
        }
    return result


def table(rows: list[dict]) -> str:
    """Means over the seeds by K; the last row is the best K by each score.

    Below are the scores that single out no K, and why not.
    """
    by_number = means(rows)
    text = PrettyTable(['K', *SCORE_NAMES])
    for number, scores in by_number.items():
        cells = ['-' if scores[n] is None else f'{scores[n]:.2f}' for n in SCORE_NAMES]
        text.add_row([number, *cells], divider=number == list(by_number)[-1])
    found = {
        name: best_number(
            name,
            {n: [row[name] for row in rows if row['K'] == n] for n in by_number},
        )
        for name in SCORE_NAMES
    }
    text.add_row(['best K', *(best or '-' for best, _ in found.values())])
    why = [f'{name}: no best K ({reason})' for name, (_, reason) in found.items()]
    none = [
        line for line, (best, _) in zip(why, found.values(), strict=True) if not best
    ]
    return '\n'.join([text.get_string(), *none])


def to_csv(rows: list[dict]) -> str:
    """The rows as CSV; an empty field where there is no score."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, ['K', 'seed', *SCORE_NAMES], lineterminator='\n')
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue()
