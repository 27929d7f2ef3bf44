"""Times each stage of the work against a straightforward way to do it.

    python tools/benchmark.py STAGE [--json FILE]

Both sides run in one process, in turns, after a warm-up. It prints medians, their ratio
and the peak memory of each side. The baselines do the job as PiCIE's released code does
and live in tools/benchmarks/ alone. The stage `gpu` has no baseline: it measures all
that a GPU decides in one command of a few minutes.
"""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'tools')]

from benchmarks import gpu, measure  # noqa: E402

from mmseg_picie.cli import Parser  # noqa: E402
from mmseg_picie.files import write_json  # noqa: E402
from mmseg_picie.models import PRECISIONS  # noqa: E402

# Each has a meaning in some stages.
OPTIONS = {
    'data-root': dict(
        stages=('round', 'step', 'eval'),
        type=Path,
        metavar='FOLDER',
        help='CamVid; by default images are drawn',
    ),
    'images': dict(
        stages=('round', 'step'),
        type=int,
        metavar='N',
        help='on N drawn images of COCO size at 320 px instead',
    ),
    'precision': dict(
        stages=('round', 'step', 'eval', 'size'),
        default='float32',
        choices=PRECISIONS,
        help='of our network (default: %(default)s)',
    ),
    'threads': dict(
        stages=('kmeans', 'loss', 'round', 'step', 'eval', 'size'),
        type=int,
        default=torch.get_num_threads(),
        help="of PyTorch's operations (default: %(default)s)",
    ),
}
# Each is a module of tools/benchmarks/ whose cases(args) lists what is compared.
STAGES = {
    'views': 'both views of an image, and what the loader can feed',
    'kmeans': 'clustering a stream of points',
    'loss': 'forward and backward of the clustering loss',
    'step': 'one training step, part by part',
    'round': 'a whole round: cluster, label, train',
    'eval': 'fitting centroids and evaluating against two evaluations',
    'size': 'time per image and memory from 100 to 10,000 images',
}


def main() -> int:
    """Runs a stage; returns the exit code."""
    args = parse()
    if args.stage == 'gpu':
        return gpu.run(args)
    if args.threads is not None:
        torch.set_num_threads(args.threads)
    cases = import_module(f'benchmarks.{args.stage}_stage').cases(args)
    if args.peak_of:
        name, side = args.peak_of
        print(json.dumps(measure.peak(next(c for c in cases if c.name == name), side)))
        return 0
    if args.only:
        cases = [case for case in cases if args.only in case.name]
    if not cases:
        sys.exit(f'error: --only {args.only!r} is in the name of no case')
    print(f'{args.stage}: {STAGES[args.stage]}\n{measure.machine()}\n', flush=True)
    # A child process makes the same cases.
    options = [part for k, v in given(args).items() for part in (f'--{k}', v)]
    command = [str(Path(__file__)), args.stage, *options]
    rows = []
    for case in cases:
        print(f'... {case.name}', file=sys.stderr, flush=True)
        row = measure.measure(case)
        for side in measure.SIDES:
            measured = getattr(row, f'{side}_ms') is not None
            if args.memory and case.memory and measured:
                peak = measure.peak_in_child(command, case.name, side)
                setattr(row, f'{side}_peak_mib', peak)
        rows.append(row)
    print(measure.table(rows))
    if args.json:
        report = dict(measure.as_json(args.stage, rows), options=given(args))
        write_json(args.json, report)
    return 0


def parse() -> argparse.Namespace:
    """Reads the command line."""
    parser = Parser(
        description='Times a stage of the work against a straightforward way to do it.'
    )
    stages = parser.add_subparsers(dest='stage', required=True, metavar='STAGE')
    for name, text in STAGES.items():
        _add_options(stages.add_parser(name, help=text, description=text), name)
    gpu.add_parser(stages)
    args = parser.parse_args()
    if args.stage == 'gpu':
        return args
    if args.threads is not None and args.threads < 1:
        parser.error(f'--threads must be >= 1, got {args.threads}')
    if args.images is not None and (args.images < 1 or args.data_root):
        parser.error(f'--images {args.images}: give 1 or more, and no --data-root')
    if args.memory and not args.peak_of and not measure.can_measure_peaks():
        parser.error('peak memory needs Linux or CUDA: add --no-memory')
    return args


def _add_options(parser: argparse.ArgumentParser, stage: str) -> None:
    """The options that have a meaning in a stage."""
    for name, options in OPTIONS.items():
        if stage in options['stages']:
            settings = {k: v for k, v in options.items() if k != 'stages'}
            parser.add_argument(f'--{name}', **settings)
        else:
            parser.set_defaults(**{name.replace('-', '_'): None})
    parser.add_argument('--json', type=Path, metavar='FILE', help='also write it there')
    parser.add_argument('--only', metavar='TEXT', help='cases with TEXT in their name')
    parser.add_argument(
        '--no-memory',
        dest='memory',
        action='store_false',
        help='do not measure peak memory',
    )
    parser.add_argument(
        '--peak-of', nargs=2, metavar=('CASE', 'SIDE'), help=argparse.SUPPRESS
    )


def given(args: argparse.Namespace) -> dict[str, str]:
    """The options of a stage that have a value."""
    values = {name: getattr(args, name.replace('-', '_')) for name in OPTIONS}
    return {name: str(value) for name, value in values.items() if value is not None}


if __name__ == '__main__':
    sys.exit(main())
