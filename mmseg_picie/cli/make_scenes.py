"""Draws the generated scenes: images and class maps, nothing downloaded."""

import argparse
import sys

from ..datasets.scenes import DEFAULT_COUNTS, DEFAULT_SIZE, generate_scenes
from .parser import Parser
from .run import run


def make_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = Parser(description=__doc__)
    parser.add_argument('root', help='folder to fill, e.g. data/scenes')
    parser.add_argument('--train', type=int, default=DEFAULT_COUNTS['train'])
    parser.add_argument('--val', type=int, default=DEFAULT_COUNTS['val'])
    parser.add_argument('--test', type=int, default=0)
    parser.add_argument(
        '--size',
        type=int,
        nargs=2,
        default=DEFAULT_SIZE,
        metavar=('HEIGHT', 'WIDTH'),
        help='pixels (default: %(default)s)',
    )
    parser.add_argument('--seed', type=int, default=0)
    return parser


def show_progress(split: str, done: int, total: int) -> None:
    """One line per split: rewritten on a terminal, written once elsewhere."""
    if sys.stdout.isatty():
        end = '\n' if done == total else ''
        print(f'\r{split}: {done}/{total} scenes', end=end, flush=True)
    elif done == total:
        print(f'{split}: {done}/{total} scenes', flush=True)


def main(argv: list[str] | None = None) -> int:
    """Runs ``tools/make_scenes.py``; returns the exit code."""
    return run(_draw, make_parser().parse_args(argv))


def _draw(args: argparse.Namespace) -> None:
    counts = {'train': args.train, 'val': args.val}
    if args.test:
        counts['test'] = args.test
    root = generate_scenes(
        args.root, counts, tuple(args.size), args.seed, show_progress
    )
    print(f'scenes are in {root}')
