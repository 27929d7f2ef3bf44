"""``tools/research/methods_table.py``: methods, data sets and seeds in one table."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from score_run import PROTOCOLS
from table_methods import Method, find_configs, read_method
from table_pages import MAJORITY, describe, split_protocol, write_table
from table_runs import Run

from mmseg_picie.cli import Parser, make_train_parser, run
from mmseg_picie.errors import InputError, check_least
from mmseg_picie.evaluation import BANK
from mmseg_picie.files import locked
from mmseg_picie.scores import NEIGHBORS

DEFAULTS = (
    *('one_to_one', 'majority_100', 'linear_probe', 'knn', 'per_image', 'boundary'),
)
OWN = ('data_root', 'seed', 'work_dir', 'resume')
DESCRIPTION = """Trains and scores configs with each seed; writes table.md and .json.

CONFIG is a file or a pattern in quotation marks, such as 'configs/*/*_camvid.py'. Each
training and each scoring is a process of its own. What is finished is never run again:
the same command goes on where it was stopped, and more seeds, protocols or configs run
what is missing. Figures are of the config's test images.

  methods_table.py 'configs/*/*_camvid.py' --out tables/dev --seeds 0 1 2

Protocols: one_to_one, majority_N (N clusters, a training of their own), linear_probe,
knn, per_image, boundary; the table says what each is. Arguments after -- go to every
training. Exit code 1: something failed, the table says what; 130: stopped.
"""


def main(argv: list[str] | None = None) -> int:
    """Runs ``tools/research/methods_table.py``; returns the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    own = argv.index('--') if '--' in argv else len(argv)
    args = table_parser().parse_args(argv[:own])
    args.passed_on = argv[own + 1 :]
    failed: list[str] = []
    try:
        code = run(lambda args: failed.extend(_make(args)), args)
    except KeyboardInterrupt:
        print('\nstopped; the same command goes on', file=sys.stderr)
        return 130
    return code or int(bool(failed))


def table_parser() -> argparse.ArgumentParser:
    """The arguments before ``--``."""
    parser = Parser(
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        usage='%(prog)s CONFIG... --out DIR [options] [-- arguments of tools/train.py]',
    )
    parser.add_argument('configs', nargs='+', metavar='CONFIG', help='file or pattern')
    parser.add_argument(
        '--out', type=Path, required=True, metavar='DIR', help='table and runs'
    )
    parser.add_argument(
        '--data', type=Path, metavar='DIR', help='folder of the data sets (data/)'
    )
    parser.add_argument(
        '--seeds', type=int, nargs='+', default=[0, 1, 2], help='default: 0 1 2'
    )
    parser.add_argument(
        '--protocols',
        nargs='+',
        type=_protocol,
        default=list(DEFAULTS),
        help=f'columns, default: {" ".join(DEFAULTS)}',
    )
    parser.add_argument(
        '--bank',
        type=int,
        default=BANK,
        metavar='N',
        help='labeled pixels that vote in k-NN, default: %(default)s; a tenth of them '
        'takes a tenth of the time',
    )
    parser.add_argument(
        '--only',
        nargs='+',
        metavar='TEXT',
        help='run configs with one of these in their name; the table has all',
    )
    parser.add_argument(
        '--changed',
        action='store_true',
        help='run finished trainings again whose config has changed since',
    )
    parser.add_argument(
        '--table', action='store_true', help='write the table and run nothing'
    )
    return parser


def _protocol(text: str) -> str:
    known = [name for name in PROTOCOLS if name != 'majority']
    if text not in known and not MAJORITY.fullmatch(text):
        raise argparse.ArgumentTypeError(
            f'{text}: expected one of {", ".join(known)}, majority_N'
        )
    return text


def _make(args: argparse.Namespace) -> list[str]:
    """Runs what is missing; what failed, in words."""
    parsed = make_train_parser().parse_args(['config', *args.passed_on])
    given = [name for name in OWN if getattr(parsed, name) is not None]
    if given:
        raise InputError(
            f'after --: --{given[0].replace("_", "-")} is set by the table itself '
            '(--data, --seeds, --out)'
        )
    check_least('--bank', args.bank, NEIGHBORS)
    paths = find_configs(args.configs)
    methods = [read_method(path, args.data, args.passed_on) for path in paths]
    chosen = [
        method
        for method in methods
        if not args.only or any(text in method.stem for text in args.only)
    ]
    if not chosen:
        raise InputError(f'--only {" ".join(args.only)} is in the name of no config')

    asked = args.protocols, list(dict.fromkeys(args.seeds))

    def write() -> str:
        rows = [
            describe(method, *asked, args.out / 'runs', args.bank) for method in methods
        ]
        return write_table(rows, *asked, args.out, args.bank)

    busy = f'another process works on {args.out}: wait for it, or name another --out'
    with locked(args.out / '.lock', busy):
        failed = [] if args.table else _run(chosen, args, write)
        print(write())
    print(f'\n{args.out / "table.md"}, {args.out / "table.json"}')
    for text in failed:
        print(f'failed: {text}', file=sys.stderr)
    return failed


def _run(
    methods: list[Method], args: argparse.Namespace, write: Callable[[], str]
) -> list[str]:
    """Runs the trainings one after another, every method once before any twice."""
    wanted: dict[int | None, list[str]] = {}
    for protocol in args.protocols:
        name, clusters = split_protocol(protocol)
        wanted.setdefault(clusters, []).append(name)
    trainings = [
        Run(method, seed, clusters, args.out / 'runs', args.bank)
        for seed in dict.fromkeys(args.seeds)
        for method in methods
        for clusters in wanted
    ]
    failed = []
    for number, training in enumerate(trainings, 1):
        protocols = wanted[training.clusters]
        if training.is_changed and not args.changed:
            print(
                f'{training.title}: its config has changed since it was trained; '
                '--changed trains it again'
            )
        if training.is_done(protocols) and not (training.is_changed and args.changed):
            print(f'{number}/{len(trainings)} {training.title}: done before')
            continue
        try:
            training.finish(protocols, args.passed_on, args.changed, print)
        except RuntimeError as error:
            failed.append(str(error))
            print(f'{number}/{len(trainings)} failed: {error}', flush=True)
        else:
            print(f'{number}/{len(trainings)} {training.title}: done', flush=True)
        write()
    return failed


if __name__ == '__main__':
    sys.exit(main())
