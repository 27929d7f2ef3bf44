"""What a sweep keeps: one line of a CSV per finished run, and the table of it."""

import argparse
import csv
import fcntl
import io
import json
import statistics
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mmseg_picie.errors import InputError
from mmseg_picie.files import write_whole

COLUMNS = (
    *('name', 'config', 'options', 'seed', 'aAcc', 'mIoU', 'best_round'),
    *('best_aAcc', 'best_mIoU', 'NMI', 'seconds', 'rounds', 'passed_on'),
)
# Title of a figure in the table, and its column.
FIGURES = {
    'accuracy': 'aAcc',
    'mIoU': 'mIoU',
    'accuracy, best round': 'best_aAcc',
    'mIoU, best round': 'best_mIoU',
}
EXPLANATION = (
    'Percent. Mean ± standard deviation over seeds (n - 1), in brackets the figure of '
    'each seed. The best round is the one of highest mIoU, so it is chosen by labels.'
)
LONGEST_FIELD = 2**31 - 1  # csv's own 131 kB are fewer than many rounds take
# What mmengine logs beside the metrics.
TIMES = ('time', 'data_time')


@dataclass(frozen=True)
class SweepRow:
    """A setting to train with.

    Attributes:
        name: What the table and the work directory call it.
        config: Path of the config.
        options: Overrides by dotted key, as for --cfg-options.
    """

    name: str
    config: str
    options: dict[str, Any] = field(default_factory=dict)

    def key(self, seed: int) -> tuple[str, str, str]:
        """What makes a run of this row the same as another one."""
        return self.config, options_text(self.options), str(seed)


def options_text(options: dict[str, Any]) -> str:
    """The options as JSON, keys sorted."""
    return json.dumps(options, sort_keys=True)


def passed_on_text(arguments: Sequence[str]) -> str:
    """Arguments for every training as JSON, without what changes no result.

    That is ``--data-root DIR`` and ``--resume`` alone; ``--resume FILE`` stays.
    """
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument('--data-root')
    parser.add_argument('--resume', action='store_true')
    _, rest = parser.parse_known_args(arguments)
    return json.dumps(rest)


def check_passed_on(
    lines: list[dict[str, str]], arguments: Sequence[str], path: Path
) -> None:
    """Refuses finished runs that were trained with other arguments after ``--``.

    Args:
        lines: Of the CSV, of runs that would be skipped.
        arguments: Those after ``--`` now.
        path: The CSV, for the message.

    Raises:
        InputError: Naming the arguments then and now.
    """
    now = passed_on_text(arguments)
    for line in lines:
        if line['passed_on'] != now:
            raise InputError(
                f'{path} holds {line["name"]}, seed {line["seed"]} with '
                f'{line["passed_on"]} after --, now it is {now}: name another --out'
            )


def read_rounds(work_dir: Path) -> list[dict[str, Any]]:
    """What each validation of the run in a work directory logged.

    A resumed run has several log files: a later one replaces what earlier ones logged
    from its first round on, so that a run that started anew replaces all of it.

    Args:
        work_dir: Has ``TIMESTAMP/vis_data/scalars.json`` of mmengine.

    Returns:
        One dict per validation in order: its metrics and ``step``, the round (or
        iteration) it came after.
    """
    rounds: list[dict[str, Any]] = []
    for file in sorted(work_dir.glob('*/vis_data/scalars.json')):
        logged = [json.loads(line) for line in file.read_text().splitlines() if line]
        # Only training steps count iterations; what they call epoch is the round.
        found = [entry for entry in logged if 'iter' not in entry]
        steps = [entry['step'] for entry in found]
        steps += [e['epoch'] for e in logged if 'iter' in e and 'epoch' in e]
        if steps:
            rounds = [entry for entry in rounds if entry['step'] < min(steps)] + found
    return [
        {name: value for name, value in entry.items() if name not in TIMES}
        for entry in rounds
    ]


def describe_run(
    row: SweepRow,
    seed: int,
    rounds: list[dict[str, Any]],
    seconds: float,
    passed_on: str = '[]',
) -> dict[str, str]:
    """The CSV's line of a finished run.

    Args:
        row: What was trained.
        seed: Of the run.
        rounds: As :func:`read_rounds` gives them.
        seconds: Wall-clock time of the process.
        passed_on: As :func:`passed_on_text` gives it.

    Raises:
        InputError: If no validation logged aAcc and mIoU.
    """
    scored = [entry for entry in rounds if 'mIoU' in entry and 'aAcc' in entry]
    if not scored:
        raise InputError('no validation logged aAcc and mIoU')
    last, best = scored[-1], max(scored, key=lambda entry: entry['mIoU'])
    return dict(
        name=row.name,
        config=row.config,
        options=options_text(row.options),
        seed=str(seed),
        aAcc=_figure(last['aAcc']),
        mIoU=_figure(last['mIoU']),
        best_round=str(best['step']),
        best_aAcc=_figure(best['aAcc']),
        best_mIoU=_figure(best['mIoU']),
        NMI=_figure(last['NMI']) if 'NMI' in last else '',
        seconds=f'{seconds:.0f}',
        rounds=json.dumps(rounds),
        passed_on=passed_on,
    )


def _figure(value: float) -> str:
    return f'{value:.4f}'


def read_results(path: Path) -> list[dict[str, str]]:
    """Lines of the CSV, none where it does not exist yet.

    Raises:
        InputError: If the file has other columns.
    """
    if not path.is_file():
        return []
    csv.field_size_limit(LONGEST_FIELD)
    with path.open(newline='') as file:
        reader = csv.DictReader(file)
        lines = list(reader)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise InputError(
            f'{path} is no table of a sweep: its columns are {reader.fieldnames}, '
            f'expected {list(COLUMNS)}; name another file'
        )
    return lines


def append_result(path: Path, line: dict[str, str]) -> None:
    """Adds a line; the file is replaced as a whole.

    Several sweeps may share the file: each adds its line to what is there by then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with _alone(path):
        text = io.StringIO(newline='')
        writer = csv.DictWriter(text, COLUMNS, lineterminator='\n')
        writer.writeheader()
        writer.writerows([*read_results(path), line])
        write_whole(path, text.getvalue().encode())


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """No other sweep changes the file inside; waits for one that does."""
    # A file of its own: the lock of one that is replaced goes with it.
    with path.with_name(f'{path.name}.lock').open('w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def result_key(line: dict[str, str]) -> tuple[str, str, str]:
    """As :meth:`SweepRow.key`, of a line of the CSV."""
    return line['config'], line['options'], line['seed']


def markdown_table(rows: Sequence[SweepRow], lines: list[dict[str, str]]) -> str:
    """Mean, spread and every seed's figures of each row, as Markdown.

    Args:
        rows: What to show, in order; those without a finished run say so.
        lines: Of the CSV; those of other rows are passed over.
    """
    table = [
        f'| setting | seeds | {" | ".join(FIGURES)} |',
        f'| {" | ".join(["---"] * (len(FIGURES) + 2))} |',
    ]
    for row in rows:
        own = [line for line in lines if result_key(line)[:2] == row.key(0)[:2]]
        own.sort(key=lambda line: int(line['seed']))
        cells = [', '.join(line['seed'] for line in own) or 'not run']
        for column in FIGURES.values():
            cells.append(spread([float(line[column]) for line in own]))
        table.append(f'| {row.name} | {" | ".join(cells)} |')
    return '\n'.join([*table, '', EXPLANATION])


def spread(values: list[float]) -> str:
    """Mean ± sample standard deviation and the values, one decimal."""
    if len(values) < 2:
        return ''.join(f'{value:.1f}' for value in values)
    listed = ', '.join(f'{value:.1f}' for value in values)
    mean, deviation = statistics.mean(values), statistics.stdev(values)
    return f'{mean:.1f} ± {deviation:.1f} ({listed})'
