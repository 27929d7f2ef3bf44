"""Draws the pixels of other images that are nearest to a chosen one."""

import argparse
from pathlib import Path

from ..clustering import NearestPoints
from ..errors import InputError, check_least
from ..inference import RetrievalImages, SeenImage, points_of, search
from ..visualization import MarkedImage, save_retrieval
from .arguments import add_network_arguments
from .configs import load_network
from .parser import Parser
from .run import ConfigErrors, run

DESCRIPTION = """Draws the pixels of other images that are nearest to a chosen one.

Looks at the embedding below one pixel of an image and searches all other images of the
data set for the nearest ones by cosine, one of each image. Images go through the
pipeline of val_dataloader (without labels); a pixel is as large as a cell of the
embedding."""
SPLITS = ('train', 'val', 'test')


def main(argv: list[str] | None = None) -> int:
    """Runs ``tools/retrieve.py``; returns the exit code."""
    return run(_retrieve, make_parser().parse_args(argv))


def make_parser() -> argparse.ArgumentParser:
    """The arguments."""
    parser = Parser(
        description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add_network_arguments(parser)
    parser.add_argument(
        '--image',
        required=True,
        metavar='ID_OR_PATH',
        help='image of the data set (its path below the image folder, with or without '
        'suffix), or any file',
    )
    parser.add_argument(
        '--pixel',
        required=True,
        type=int,
        nargs=2,
        metavar=('X', 'Y'),
        help='column and row in the image as it is on disk, from 0',
    )
    parser.add_argument('--out', required=True, type=Path, help='picture to write, PNG')
    for name, default, text in (
        ('--top', 8, 'neighbors to show'),
        ('--batch-size', 16, 'images per step'),
    ):
        parser.add_argument(
            name, type=int, default=default, help=f'{text} (default: %(default)s)'
        )
    parser.add_argument(
        '--split',
        choices=SPLITS,
        default='train',
        help='data set to search (default: %(default)s)',
    )
    return parser


def _retrieve(args: argparse.Namespace) -> None:
    check_least('--top', args.top, 1)
    check_least('--batch-size', args.batch_size, 1)
    if args.out.suffix.lower() != '.png':
        raise InputError(f'--out must end in .png, got {args.out}')
    cfg, network = load_network(args)
    with ConfigErrors():
        images = RetrievalImages(network, cfg, args.split)
    info = images.find(args.image)
    query = images.see(info)
    pixel = _place(args.pixel, query, info['img_path'])
    points, _ = points_of(query.embedded)
    nearest = NearestPoints(points[query.grid.cell_at(*pixel)], args.top)
    heat = nearest.similarities(points).view(query.grid.cells).cpu().numpy()
    search(images, info['img_path'], nearest, args.batch_size)

    neighbors = []
    for similarity, index, cell in nearest.result():
        other = images.dataset.get_data_info(index)
        seen, name = images.see(other), images.names[other['img_path']]
        center = seen.grid.center_of(cell)
        caption = f'{similarity:.3f} {name}'
        neighbors.append(MarkedImage(seen.picture, center, caption))
        x, y = (round(c + o) for c, o in zip(center, seen.corner, strict=True))
        print(f'{similarity:.4f}  {name}  pixel {x} {y}')
    caption = f'query {images.names.get(info["img_path"], info["img_path"])}'
    save_retrieval(
        args.out,
        MarkedImage(query.picture, pixel, caption),
        query.grid.on_picture(heat),
        neighbors,
    )
    print(f'Picture: {args.out}')


def is_ignored(query: SeenImage, x: int, y: int) -> bool:
    """Whether a pixel of the picture is one to leave out."""
    if query.embedded.ignore is None:
        return False
    row, column = (
        int((place + 0.5) * resized / picture)
        for place, resized, picture in zip(
            (y, x), query.grid.resized, query.grid.picture, strict=True
        )
    )
    return bool(query.embedded.ignore[row, column])


def _place(pixel: list[int], query: SeenImage, path: str) -> tuple[int, int]:
    """The pixel in the part of the image that the network sees."""
    (x, y), (left, top) = pixel, query.corner
    height, width = query.picture.shape[:2]
    if left <= x < left + width and top <= y < top + height:
        if is_ignored(query, x - left, y - top):
            raise InputError(
                f'--pixel {x} {y} lies on an ignored pixel of {path}: choose another'
            )
        return x - left, y - top
    full_width, full_height = query.size
    part = ''
    if (full_width, full_height) != (width, height):
        part = (
            f', of which the network sees X in [{left}, {left + width}) and Y in '
            f'[{top}, {top + height})'
        )
    raise InputError(
        f'--pixel {x} {y} is outside: {path} is {full_width} x {full_height} pixels '
        f'(width x height){part}'
    )
