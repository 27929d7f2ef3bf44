"""The command that compares label-free scores with a labeled one over runs."""

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from prettytable import PrettyTable
from scipy.stats import spearmanr
from sweep_results import read_results, read_rounds

from mmseg_picie.cli import Parser, run
from mmseg_picie.errors import InputError, MissingFileError

PREFIX = 'label_free/'
FEWEST = 3  # points that a rank correlation says anything about


@dataclass(frozen=True)
class Run:
    """A training.

    Attributes:
        name: For messages.
        rounds: Logged figures of each validated round, in order.
    """

    name: str
    rounds: list[dict[str, float]]

    def pairs(self, score: str, target: str) -> list[tuple[float, float]]:
        """(score, target) of the rounds that have both."""
        return [
            (figures[score], figures[target])
            for figures in self.rounds
            if figures.get(score) is not None and figures.get(target) is not None
        ]


@dataclass(frozen=True)
class Comparison:
    """How one score goes with the target.

    Attributes:
        score: Name.
        pooled: Spearman's correlation over all (run, round) points, and their number.
        within: Its mean over the runs, each over its rounds, and their number. Left
            out are runs of fewer than 3 rounds, or whose figures never change.
        final: It over the last rounds of the runs, and their number.
        selected: Mean target of the rounds that the score would select, of the best
            rounds and of the last ones, over the runs with 2 rounds or more, and their
            number.
    """

    score: str
    pooled: tuple[float | None, int]
    within: tuple[float | None, int]
    final: tuple[float | None, int]
    selected: tuple[float, float, float, int] | None


def correlate_scores(argv: list[str] | None = None) -> int:
    """Runs ``tools/research/correlate_scores.py``; returns the exit code."""
    return run(_correlate, correlate_parser().parse_args(argv))


def correlate_parser() -> argparse.ArgumentParser:
    """The arguments of ``tools/research/correlate_scores.py``."""
    parser = Parser(
        description="Spearman's correlation of each label-free score with mIoU: over "
        'all rounds of all runs, within runs, and over the last rounds of runs; and '
        'the mIoU of the rounds that a score would select.'
    )
    parser.add_argument(
        'sources',
        nargs='+',
        type=Path,
        help='CSV files of tools/research/sweep.py, or work directories of runs',
    )
    parser.add_argument('--target', default='mIoU', help='default: mIoU')
    return parser


def _correlate(args: argparse.Namespace) -> None:
    runs = [run for source in args.sources for run in read_runs(source)]
    compared = compare(runs, args.target)
    print(f'{len(runs)} runs, {sum(len(run.rounds) for run in runs)} rounds')
    print(table(compared, args.target))


def read_runs(source: Path) -> list[Run]:
    """The runs of a sweep's CSV file, or the one of a work directory.

    Raises:
        MissingFileError: If there is no such file or folder.
        InputError: If the file is no table of a sweep, or the folder has no logs.
    """
    if source.is_dir():
        rounds = read_rounds(source)
        if not rounds:
            raise InputError(
                f'{source} holds no logged validation (TIMESTAMP/vis_data/scalars.json)'
                ': name the work directory of a run, or the CSV of a sweep'
            )
        return [Run(str(source), rounds)]
    if not source.is_file():
        raise MissingFileError(f'{source} does not exist')
    return [
        Run(f'{line["name"]}, seed {line["seed"]}', json.loads(line['rounds']))
        for line in read_results(source)
    ]


def compare(runs: Sequence[Run], target: str) -> list[Comparison]:
    """Compares every label-free score with the target.

    Raises:
        InputError: If no round has both.
    """
    names = sorted(
        {
            name
            for run in runs
            for figures in run.rounds
            for name in figures
            if name.startswith(PREFIX)
        }
    )
    names = [name for name in names if any(run.pairs(name, target) for run in runs)]
    if not names:
        raise InputError(
            f'no round has both a score that begins with {PREFIX!r} and {target!r}: '
            'the runs need LabelFreeScoresHook and a validation with labels'
        )
    return [compare_one(runs, name, target) for name in names]


def compare_one(runs: Sequence[Run], score: str, target: str) -> Comparison:
    """Compares one score with the target."""
    groups = [pairs for run in runs if (pairs := run.pairs(score, target))]
    pooled = [pair for pairs in groups for pair in pairs]
    within = [rho for pairs in groups if (rho := correlation(pairs)) is not None]
    final = [pairs[-1] for pairs in groups]
    chosen = [
        (
            max(pairs, key=lambda pair: pair[0])[1],  # the first, as CheckpointHook
            max(value for _, value in pairs),
            pairs[-1][1],
        )
        for pairs in groups
        if len(pairs) > 1
    ]
    return Comparison(
        score=score.removeprefix(PREFIX),
        pooled=(correlation(pooled), len(pooled)),
        within=(statistics.mean(within) if within else None, len(within)),
        final=(correlation(final), len(final)),
        selected=(*map(statistics.mean, zip(*chosen)), len(chosen)) if chosen else None,
    )


def correlation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Spearman's rank correlation; None for fewer than 3 points or constant ones."""
    if len(pairs) < FEWEST or any(len(set(values)) == 1 for values in zip(*pairs)):
        return None
    return float(spearmanr(*zip(*pairs)).statistic)


def table(compared: Sequence[Comparison], target: str) -> str:
    """One row per score, n in parentheses; highest mean within runs first."""
    text = PrettyTable(
        ['score', 'all rounds', 'within runs', 'last rounds']
        + [f'{target} selected', 'best', 'last']
    )
    text.align['score'] = 'l'
    ranked = sorted(
        compared, key=lambda c: -2 if c.within[0] is None else c.within[0], reverse=True
    )
    for entry in ranked:
        cells = [
            f'{"-" if rho is None else format(rho, ".3f")} ({n})'
            for rho, n in (entry.pooled, entry.within, entry.final)
        ]
        figures = ['-'] * 3
        if entry.selected:
            *values, n = entry.selected
            figures = [f'{value:.2f}' for value in values]
            figures[0] += f' ({n})'
        text.add_row([entry.score, *cells, *figures])
    return text.get_string()


if __name__ == '__main__':
    sys.exit(correlate_scores())
