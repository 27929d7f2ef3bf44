"""Times each stage of the work against a straightforward way to do it.

    python tools/benchmark.py STAGE [--json FILE]

Both sides run in one process, in turns, after a warm-up; medians are printed, with the
ratio and each side's peak memory. The baselines do the job as PiCIE's released code
does and live in tools/benchmarks/ alone.
"""

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / 'tools')]

from benchmarks import measure  # noqa: E402

from mmseg_picie.models import PRECISIONS  # noqa: E402

# Stages that an option has a meaning in.
OPTIONS = {
    'data_root': ('round', 'step', 'eval'),
    'images': ('round', 'step'),
    'precision': ('round', 'step', 'eval', 'size'),
    'threads': ('kmeans', 'loss', 'round', 'step', 'eval', 'size'),
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
    command = [str(Path(__file__)), args.stage, *child_options(args)]
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
        args.json.parent.mkdir(parents=True, exist_ok=True)
        options = {name: str(getattr(args, name)) for name in OPTIONS}
        report = dict(measure.as_json(args.stage, rows), options=options)
        args.json.write_text(json.dumps(report, indent=2) + '\n')
    return 0


def parse() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(
        description='Times a stage of the work against a straightforward way to do it.',
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog='\n'.join(f'  {name:8}{text}' for name, text in STAGES.items()),
    )
    parser.add_argument('stage', choices=STAGES, help='what to time')
    parser.add_argument('--json', type=Path, metavar='FILE', help='also write it there')
    parser.add_argument('--only', metavar='TEXT', help='cases with TEXT in their name')
    parser.add_argument(
        '--data-root',
        type=Path,
        metavar='FOLDER',
        help='CamVid, for step, round and eval; by default they draw images',
    )
    parser.add_argument(
        '--images',
        type=int,
        metavar='N',
        help='round and step on N drawn images of COCO size at 320 px instead',
    )
    parser.add_argument(
        '--precision',
        default='float32',
        choices=PRECISIONS,
        help='of our network (default: %(default)s)',
    )
    parser.add_argument(
        '--threads',
        type=int,
        default=torch.get_num_threads(),
        help="of PyTorch's operations (default: %(default)s)",
    )
    parser.add_argument(
        '--no-memory',
        dest='memory',
        action='store_false',
        help='do not measure peak memory',
    )
    parser.add_argument(
        '--peak-of', nargs=2, metavar=('CASE', 'SIDE'), help=argparse.SUPPRESS
    )
    args = parser.parse_args()
    if args.threads < 1:
        parser.error(f'--threads must be >= 1, got {args.threads}')
    for option, stages in OPTIONS.items():
        value = getattr(args, option)
        if args.stage not in stages and value != parser.get_default(option):
            name = option.replace('_', '-')
            parser.error(f'--{name} is for {", ".join(stages)}, not for {args.stage}')
    if args.images is not None and (args.images < 1 or args.data_root):
        parser.error(f'--images {args.images}: give 1 or more, and no --data-root')
    if args.memory and not args.peak_of and not measure.can_measure_peaks():
        parser.error('peak memory needs Linux or CUDA: add --no-memory')
    return args


def child_options(args: argparse.Namespace) -> list[str]:
    """What a child process needs to make the same cases."""
    options = ['--threads', str(args.threads)]
    options += ['--precision', args.precision]
    if args.data_root:
        options += ['--data-root', str(args.data_root)]
    if args.images:
        options += ['--images', str(args.images)]
    return options


if __name__ == '__main__':
    sys.exit(main())
