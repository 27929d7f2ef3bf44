"""``tools/research/sweep.py``: a list of settings, each trained with several seeds."""

import argparse
import os
import re
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mmengine.config import Config
from script_process import run_script
from sweep_checks import check_is_scored
from sweep_results import (
    SweepRow,
    append_result,
    check_passed_on,
    describe_run,
    markdown_table,
    passed_on_text,
    read_results,
    read_rounds,
    result_key,
)

from mmseg_picie.cli import Parser, count_cpus, make_train_parser, run
from mmseg_picie.errors import InputError, MissingFileError

TRAIN = Path(__file__).resolve().parents[1] / 'train.py'
LOG_NAME = 'output.txt'
NAME = re.compile(r'[\w.+-]+')
DESCRIPTION = """Trains each setting of a list with each seed; one line of a CSV a run.

LIST is a Python file with rows = [dict(name=..., config=..., options={KEY: VALUE}),
...]; options are those of --cfg-options, and {seed} in one of them becomes the seed.
Runs that the CSV already holds (same config, options and seed) are skipped. Arguments
after -- go to every training, for example

  sweep.py LIST --out results.csv -- --data-root DIR --cfg-options KEY=VALUE

where the options, seed and folder of a run count before them. The CSV keeps them, but
for --data-root and --resume; a run that it holds with other ones is an error.
"""


def sweep(argv: list[str] | None = None, train_script: Path = TRAIN) -> int:
    """Runs ``tools/research/sweep.py``.

    Args:
        argv: Arguments, by default those of the process.
        train_script: What trains, ``tools/train.py``.

    Returns:
        Exit code: 1 if a run failed, 2 for wrong input.
    """
    argv = sys.argv[1:] if argv is None else argv
    own = argv.index('--') if '--' in argv else len(argv)
    args = sweep_parser().parse_args(argv[:own])
    args.command, args.passed_on = [sys.executable, str(train_script)], argv[own + 1 :]
    failures: list[str] = []
    code = run(lambda args: failures.extend(_sweep(args)), args)
    return code or int(bool(failures))


def sweep_parser() -> argparse.ArgumentParser:
    """The arguments of ``tools/research/sweep.py`` before ``--``."""
    parser = Parser(
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage='%(prog)s LIST --out FILE [options] [-- arguments of tools/train.py]',
    )
    parser.add_argument('list', type=Path, metavar='LIST', help='file with the rows')
    parser.add_argument(
        '--out', type=Path, required=True, metavar='FILE', help='CSV of the results'
    )
    parser.add_argument(
        '--seeds', type=int, nargs='+', default=[0, 1, 2], help='default: 0 1 2'
    )
    parser.add_argument(
        '--only',
        metavar='TEXT',
        help='the row of that name or, if there is none, those with TEXT in their name',
    )
    parser.add_argument(
        '--work-dir', type=Path, help='folder of the runs (work_dirs/LIST)'
    )
    parser.add_argument(
        '--jobs',
        type=int,
        default=1,
        metavar='N',
        help='runs at a time; they share the CPUs unless OMP_NUM_THREADS is set',
    )
    parser.add_argument(
        '--table',
        action='store_true',
        help="print the CSV's figures of these rows as Markdown and train nothing",
    )
    return parser


def read_list(path: Path) -> list[SweepRow]:
    """The rows of a list.

    Raises:
        MissingFileError: If the list does not exist.
        InputError: If it has no rows, or one is not as described.
    """
    if not path.is_file():
        raise MissingFileError(
            f'list {path} does not exist; there are some in tools/research/lists/'
        )
    entries = Config.fromfile(path).to_dict().get('rows')
    if not entries:
        raise InputError(f'{path} has no rows: write rows = [dict(name=..., ...), ...]')
    rows = []
    for entry in entries:
        try:
            rows.append(SweepRow(**entry))
        except TypeError as error:
            raise InputError(
                f'{path}: a row must be dict(name=..., config=..., options=...), got '
                f'{entry} ({error})'
            ) from None
        if not NAME.fullmatch(rows[-1].name):
            raise InputError(
                f'{path}: the name of a row is part of file names, expected letters, '
                f'digits and . + - _, got {rows[-1].name!r}'
            )
    for what, values in (
        ('name', [row.name for row in rows]),
        ('config and options', [row.key(0) for row in rows]),
    ):
        twice = [value for value in values if values.count(value) > 1]
        if twice:
            raise InputError(f'{path}: two rows have the {what} {twice[0]}')
    return rows


def option_arguments(row: SweepRow, seed: int) -> list[str]:
    """The row's options as --cfg-options takes them.

    Raises:
        InputError: If the command line cannot say a value.
    """
    pairs = [f'{key}={_text(value)}' for key, value in row.options.items()]
    if not pairs:
        return []
    arguments = ['--cfg-options', *pairs]
    read = make_train_parser().parse_args([row.config, *arguments]).cfg_options
    for key, value in row.options.items():
        if read[key] != value:
            raise InputError(
                f'row {row.name}: --cfg-options cannot say {key}={value!r} (it would '
                f'be read as {read[key]!r}); write numbers, words and lists of them, '
                'and the keys of a dict one by one'
            )
    return [text.replace('{seed}', str(seed)) for text in arguments]


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        inner = ','.join(map(_text, value))
        return f'[{inner}]' if isinstance(value, list) else f'({inner})'
    return str(value)


@dataclass(frozen=True)
class _Run:
    row: SweepRow
    seed: int
    folder: Path

    @property
    def title(self) -> str:
        return f'{self.row.name}, seed {self.seed}'

    def train(self, command: list[str], passed_on: list[str]) -> dict[str, str]:
        """Trains in a process of its own; the CSV's line.

        Raises:
            RuntimeError: If the process fails or logs no figures.
        """
        log = self.folder / LOG_NAME
        arguments = [
            # The last of equal arguments counts, that of the row.
            *(*command, self.row.config, *passed_on),
            *('--seed', str(self.seed), '--work-dir', str(self.folder)),
            *option_arguments(self.row, self.seed),
        ]
        seconds = run_script(arguments, log, self.title)
        try:
            rounds = read_rounds(self.folder)
            return describe_run(
                self.row, self.seed, rounds, seconds, passed_on_text(passed_on)
            )
        except ValueError as error:
            raise RuntimeError(f'{self.title}: {error}, see {log}') from error


def _sweep(args: argparse.Namespace) -> list[str]:
    """Trains what is missing; what failed, in words."""
    if args.jobs < 1:
        raise InputError(f'--jobs must be >= 1, got {args.jobs}')
    rows = read_list(args.list)
    if args.only:
        named = [row for row in rows if row.name == args.only]
        rows = named or [row for row in rows if args.only in row.name]
    if not rows:
        raise InputError(f'--only {args.only!r} is in the name of no row')
    finished = read_results(args.out)
    if args.table:
        print(markdown_table(rows, finished))
        return []
    for row in rows:
        if not Path(row.config).is_file():
            raise MissingFileError(
                f'row {row.name}: config {row.config} does not exist; paths are '
                'relative to the working directory'
            )
        arguments = [*args.passed_on, *option_arguments(row, 0)]
        parsed = make_train_parser().parse_args([row.config, *arguments])
        check_is_scored(row, parsed.cfg_options)
    done = {result_key(line) for line in finished}
    root = args.work_dir or Path('work_dirs') / args.list.stem
    runs = [  # every row once before any row twice
        _Run(row, seed, root / f'{row.name}_seed{seed}')
        for seed in dict.fromkeys(args.seeds)
        for row in rows
    ]
    keys = {run.row.key(run.seed) for run in runs}
    same = [line for line in finished if result_key(line) in keys]
    check_passed_on(same, args.passed_on, args.out)
    missing = [run for run in runs if run.row.key(run.seed) not in done]
    print(f'{len(runs) - len(missing)} of {len(runs)} runs are in {args.out}')
    return _train_all(missing, args)


def _train_all(runs: list[_Run], args: argparse.Namespace) -> list[str]:
    """Trains several at a time; each is in the CSV as soon as it is finished."""
    os.environ.setdefault('OMP_NUM_THREADS', str(max(1, count_cpus() // args.jobs)))
    start, failures = time.monotonic(), []
    pool = ThreadPoolExecutor(args.jobs)
    try:
        futures = {
            pool.submit(run.train, args.command, args.passed_on): run for run in runs
        }
        for number, future in enumerate(as_completed(futures), 1):
            try:
                line = future.result()
            except RuntimeError as error:
                failures.append(str(error))
                said = f'failed: {error}'
            else:
                append_result(args.out, line)
                said = (
                    f'{futures[future].title}: {float(line["aAcc"]):.1f} / '
                    f'{float(line["mIoU"]):.1f}, {line["seconds"]} s'
                )
            left = (time.monotonic() - start) / number * (len(runs) - number)
            print(f'{number}/{len(runs)} {said}; {left / 60:.0f} min left', flush=True)
    finally:
        pool.shutdown(cancel_futures=True)
    if failures:
        listed = '\n'.join(failures)
        print(f'{len(failures)} of {len(runs)} runs failed:\n{listed}', file=sys.stderr)
    return failures


if __name__ == '__main__':
    sys.exit(sweep())
