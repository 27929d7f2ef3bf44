"""Draws the generated scenes: images and class maps, nothing downloaded."""

import argparse
import sys

from mmseg_picie.datasets.scenes import DEFAULT_COUNTS, DEFAULT_SIZE, generate_scenes


def parse_args(argv: list[str] | None = None) -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
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
    return parser.parse_args(argv)


def show_progress(split: str, done: int, total: int) -> None:
    """One line per split: rewritten on a terminal, written once elsewhere."""
    if sys.stdout.isatty():
        end = '\n' if done == total else ''
        print(f'\r{split}: {done}/{total} scenes', end=end, flush=True)
    elif done == total:
        print(f'{split}: {done}/{total} scenes', flush=True)


def main(argv: list[str] | None = None) -> int:
    """Draws what the command line asks for; returns the exit status."""
    args = parse_args(argv)
    counts = {'train': args.train, 'val': args.val}
    if args.test:
        counts['test'] = args.test
    try:
        root = generate_scenes(
            args.root, counts, tuple(args.size), args.seed, show_progress
        )
    except (ValueError, OSError) as error:
        print(f'make_scenes: {error}', file=sys.stderr)
        return 1
    print(f'scenes are in {root}')
    return 0


if __name__ == '__main__':
    sys.exit(main())
