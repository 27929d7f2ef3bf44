"""Cuts the released tiles of Potsdam into patches in the layout of IIC.

Halves each 6000 x 6000 tile and cuts it into 15 x 15 patches of 200 x 200 pixels:
imgs/*.mat, gt/*.mat and three lists. IIC named and divided its patches at random,
without a seed: its own patches and lists are needed for its numbers.
"""

import argparse

from ..datasets.preparation import (
    IIC_LISTS,
    LABELED_TILES,
    NUM_TILES,
    cut_tiles,
    find_tiles,
    plan_lists,
)
from .parser import Parser
from .progress import track
from .run import run


def make_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = Parser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        'tiles', help='folder with top_potsdam_*_RGBIR.tif and *_label.tif below it'
    )
    parser.add_argument('out', help='folder to fill, e.g. data/potsdam_patches')
    parser.add_argument('--seed', type=int, default=0, help='of the lists')
    return parser


def main(argv: list[str] | None = None) -> int:
    """Runs ``tools/prepare_potsdam.py``; returns the exit code."""
    return run(_cut, make_parser().parse_args(argv))


def _cut(args: argparse.Namespace) -> None:
    tiles = find_tiles(args.tiles)
    labeled = sum(tile.labels is not None for tile in tiles)
    print(
        f'{len(tiles)} of {NUM_TILES} tiles, {labeled} of {len(LABELED_TILES)} '
        'with labels'
    )
    lists = plan_lists(tiles, args.seed)
    written = cut_tiles(tiles, args.out, lists, track=track)
    print(f'{written} files of patches written, the others kept')
    for name, names in lists.items():
        print(f'{name}.txt: {len(names)} patches, IIC: {IIC_LISTS[name]}')
    print(
        'note: IIC drew its names and lists without a seed; its own files are needed '
        'for its numbers'
    )
