"""The command: its options, and what is measured in which order."""

import argparse
import functools
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from mmseg_picie.cli.config_edits import count_cpus

from .device import describe
from .equality import LEAST_LABELS, MOST_CENTROIDS, MOST_LOSS, measure_equality
from .report import Report
from .round import measure_round
from .speed import measure_clustering, measure_loader, measure_step
from .workload import COCO_IMAGES, Way

TEXT = 'all that a GPU decides, in one command of at most 8 minutes'
PRECISIONS = ('bfloat16', 'TF32', 'float32')
EQUALITY, ROUND = 'equality with the CPU', 'round'
STEP, CLUSTERING, LOADER = 'training step', 'clustering step', 'loader'
NOTES = {
    EQUALITY: (
        f'float32 has to reach {MOST_CENTROIDS:g} (centroids), {MOST_LOSS:g} (loss), '
        f'{LEAST_LABELS} % (labels). Both sides have the same weights and images; '
        'k-means goes on from the same centroids, and loss and labels are those of the '
        "CPU's centroids. The CPU computes in float32."
    ),
    ROUND: (
        'A round clusters both views, trains, refits and scores the clusters on a '
        'sample; it has no evaluation and no checkpoint. Its seconds on '
        f'{COCO_IMAGES:,} images are not measured but scaled: all grows with the '
        'images but the init of k-means and the label-free scores, and the init gets '
        'its share of the images. The aim is 75 s on one H100 with 16 cores; the '
        'released code took 77 to 122 minutes on a V100. "busy" is the share of '
        'its time that lies inside its parts, by CUDA events (without a GPU by the '
        'clock); the rest waits for the loader or the host.'
    ),
    STEP: (
        'Both views of a batch: copy to the device, labels by the frozen copy, '
        'forward, loss, backward, optimizer. TF32 is that of convolutions.'
    ),
    CLUSTERING: (
        'Both views of a batch: copy to the device, forward of the frozen copy, '
        'k-means.'
    ),
    LOADER: 'JPEGs of 640 x 480 px to two views of an image, in worker processes.',
}
Measurement = tuple[str, str, Callable[[], dict]]


def add_parser(stages: argparse._SubParsersAction) -> None:
    """Adds the stage ``gpu`` and its options."""
    parser = stages.add_parser(
        'gpu',
        help=TEXT,
        description=f'Measures {TEXT}. Weights are random and images are drawn: '
        'nothing is fetched. gpu.json and gpu.md are written after every measurement.',
    )
    parser.add_argument(
        '--out',
        type=Path,
        metavar='FOLDER',
        default=Path('work_dirs/benchmark_gpu'),
        help='where gpu.json and gpu.md go (default: %(default)s)',
    )
    for name, default, text in (
        ('images', 4000, 'drawn images of a round'),
        ('size', 320, 'side of a view in pixels'),
        ('batch', 128, 'images of a training step'),
        ('cluster-batch', 256, 'images of a clustering step'),
        ('workers', count_cpus(), 'loader workers'),
        ('warm-up', 5, 'untimed runs of a step'),
        ('repeats', 20, 'timed runs of a step'),
        ('budget', 480, 'seconds after which nothing more is begun'),
    ):
        parser.add_argument(
            f'--{name}',
            type=_count,
            metavar='N',
            default=default,
            help=f'{text} (default: %(default)s)',
        )
    parser.add_argument(
        '--no-compile',
        dest='compile',
        action='store_false',
        help='leave out torch.compile, which takes a minute or more a variant',
    )
    parser.add_argument(
        '--only',
        nargs='+',
        metavar='TEXT',
        help='measurements with one of these in "STAGE: VARIANT", as in the tables',
    )


def run(args: argparse.Namespace) -> int:
    """Measures; returns 1 where anything failed or the GPU is not equal."""
    args.batch = min(args.batch, args.images)
    args.cluster_batch = min(args.cluster_batch, args.images)
    args.out.mkdir(parents=True, exist_ok=True)
    options = {
        k: v
        for k, v in vars(args).items()
        if k not in ('out', 'stage') and v is not None
    }
    settings = {**describe(), 'options': options}
    report = Report(args.out, settings, args.budget, NOTES)
    for stage, variant, work in measurements(args):
        if any(text in f'{stage}: {variant}' for text in args.only or ['']):
            report.measure(stage, variant, work)
    report.write(finished=True)
    print(report.markdown(finished=True))
    print(f'written to {args.out}/gpu.json and gpu.md', file=sys.stderr)
    bad = [r for r in report.rows if r.status == 'failed' or 'NO' in r.values.values()]
    return 1 if bad else 0


def measurements(args: argparse.Namespace) -> Iterator[Measurement]:
    """(stage, variant, work), what is worth most first."""
    plain = [Way(p, layout) for layout in ('channels_last', 'NCHW') for p in PRECISIONS]
    compiled = [Way(way.precision, way.layout, True) for way in plain]
    usual = plain[: len(PRECISIONS)]
    works = [(EQUALITY, usual[::-1], measure_equality), (ROUND, usual, measure_round)]
    works += [(STEP, plain, measure_step), (CLUSTERING, usual, measure_clustering)]
    for stage, ways, work in works:
        for way in ways:
            yield stage, str(way), functools.partial(work, args, way)
    for workers in sorted({1, args.workers}, reverse=True):
        work = functools.partial(measure_loader, args, workers)
        yield LOADER, f'{workers} workers', work
    if not args.compile:
        return
    for stage, ways, work in (
        (STEP, compiled[:1], measure_step),
        (ROUND, compiled[:1], measure_round),
        (CLUSTERING, compiled[:1], measure_clustering),
        (STEP, compiled[1:], measure_step),
    ):
        for way in ways:
            yield stage, str(way), functools.partial(work, args, way)


def _count(text: str) -> int:
    """A number from 1 on."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f'must be 1 or more, got {number}')
    return number
