"""Cuts the tiles of Potsdam into patches in the layout of IIC."""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from PIL import Image
from scipy.io import savemat

from ...errors import InputError, MissingFileError
from ...files import write_whole
from ..label_maps import POTSDAM_COLORS
from ..mat_files import IMAGE_KEY, LABEL_KEY
from .tracking import Track, untracked

TILE_SIDE, PATCH_SIDE = 6000, 200
NUM_TILES = 38
# The tiles whose labels were public at IIC's time; the others count as unlabeled.
LABELED_TILES = frozenset(
    f'{row}_{column}'
    for row, columns in (
        *((row, range(10, 13)) for row in range(2, 6)),
        *((row, range(7, 13)) for row in (6, 7)),
    )
    for column in columns
)
# Two of those in 5_Labels_all are off the palette: 4_12 was saved with loss, 6_7 has
# cars as (252, 255, 0). Channels are rounded, except from UNCLEAR values.
THRESHOLD, UNCLEAR = 128, (88, 168)
LABEL_ARCHIVE = '5_Labels_for_participants.zip'
IMAGE_END, LABEL_END = '_RGBIR.tif', '_label.tif'
START = 'top_potsdam_'
# The lists, and the patches in each of IIC's.
IIC_LISTS = {'unlabelled_train': 3150, 'labelled_train': 4545, 'labelled_test': 855}
EXTRA_SAMPLES, UNASSOCIATED_ALPHA = 338, 2  # tag of TIFF, and one of its values


@dataclass(frozen=True)
class Tile:
    """One tile: its name such as '2_10', image file and label file or None."""

    name: str
    image: Path
    labels: Path | None

    def patches(self, per_side: int) -> list[str]:
        """Names of its patches, row by row."""
        places = range(per_side)
        return [f'{self.name}_{row:02d}_{col:02d}' for row in places for col in places]


def find_tiles(root: str | Path) -> list[Tile]:
    """Finds the released tiles anywhere below a folder, in the order of their paths.

    Args:
        root: Folder with ``top_potsdam_<name>_RGBIR.tif`` and, for the 24 tiles that
            IIC has labels of, ``top_potsdam_<name>_label.tif``.

    Raises:
        MissingFileError: If there is no tile, or no label of one of the 24.
        InputError: If a tile is there twice.
    """
    images, labels = (_by_name(Path(root), end) for end in (IMAGE_END, LABEL_END))
    if not images:
        raise MissingFileError(
            f'{root}: no {START}*{IMAGE_END} below it; unpack 4_Ortho_RGBIR.zip there'
        )
    unlabeled = sorted((set(images) & LABELED_TILES) - set(labels))
    if unlabeled:
        raise MissingFileError(
            f'{root}: no {START}{unlabeled[0]}{LABEL_END} below it ({len(unlabeled)} '
            f'of {len(set(images) & LABELED_TILES)} label files are missing); unpack '
            f'{LABEL_ARCHIVE} there'
        )
    return [
        Tile(name, image, labels[name] if name in LABELED_TILES else None)
        for name, image in images.items()
    ]


def plan_lists(
    tiles: Sequence[Tile],
    seed: int = 0,
    tile_side: int = TILE_SIDE,
    patch_side: int = PATCH_SIDE,
) -> dict[str, list[str]]:
    """Draws which patches are in which list.

    A tenth of all patches, rounded down, is for testing. As in IIC, these are drawn
    from the labeled patches. IIC drew its lists and the numbers of its patches without
    a seed, so no seed gives its lists back.

    Args:
        tiles: From :func:`find_tiles`.
        seed: Seed of the draw.
        tile_side: Side of a tile in pixels.
        patch_side: Side of a patch in pixels of the halved tile.

    Returns:
        Names by list, in the order of tiles and patches.

    Raises:
        InputError: If the sides do not fit, or too few patches are labeled.
    """
    per_side = _per_side(tile_side, patch_side)
    total = len(tiles) * per_side**2
    labeled = [n for tile in tiles if tile.labels for n in tile.patches(per_side)]
    num_test = total // 10
    if num_test > len(labeled):
        raise InputError(
            f'{num_test} of {total} patches are to be tested on, but only '
            f'{len(labeled)} are labeled; add the tiles that IIC has labels of'
        )
    drawn = np.random.default_rng(seed).choice(labeled, num_test, replace=False)
    test = set(drawn.tolist())
    members = (
        [n for tile in tiles if not tile.labels for n in tile.patches(per_side)],
        [name for name in labeled if name not in test],
        [name for name in labeled if name in test],
    )
    return dict(zip(IIC_LISTS, members))


def cut_tiles(
    tiles: Sequence[Tile],
    out: str | Path,
    lists: dict[str, list[str]],
    tile_side: int = TILE_SIDE,
    patch_side: int = PATCH_SIDE,
    track: Track = untracked,
) -> int:
    """Halves the tiles and writes their patches and the lists.

    ``imgs/<name>.mat`` holds ``img``, (S, S, 4) uint8, red, green, blue, infrared, the
    mean of 2 x 2 pixels; ``gt/<name>.mat`` holds ``gt``, (S, S) int32, 0-5, of the
    upper left pixel. A tile whose patches all exist is left as it is. The lists are
    written last.

    Args:
        tiles: From :func:`find_tiles`.
        out: Folder to fill; made where missing.
        lists: From :func:`plan_lists` with the same sides.
        tile_side: Side of a tile in pixels.
        patch_side: Side of a patch in pixels of the halved tile.
        track: Shows the progress.

    Returns:
        Files written, patches of images and of labels together.

    Raises:
        InputError: If ``out`` holds other lists, or a tile has another size or type or
            a color that is no class.
    """
    out, per_side = Path(out), _per_side(tile_side, patch_side)
    texts = {
        out / f'{name}.txt': ''.join(f'{n}\n' for n in names).encode()
        for name, names in lists.items()
    }
    for path, text in texts.items():
        if path.is_file() and path.read_bytes() != text:
            raise InputError(
                f'{path} holds another list: other tiles or another seed, or the list '
                'of others; delete it or name another folder'
            )
    written = 0
    for tile in track('tiles', tiles):
        names = tile.patches(per_side)
        for folder, key, source, read in (
            ('imgs', IMAGE_KEY, tile.image, read_image),
            ('gt', LABEL_KEY, tile.labels, read_labels),
        ):
            (out / folder).mkdir(parents=True, exist_ok=True)
            paths = [out / folder / f'{name}.mat' for name in names]
            if source is None or all(path.is_file() for path in paths):
                continue
            for path, patch in zip(paths, _cut(read(source, tile_side), patch_side)):
                buffer = io.BytesIO()
                savemat(buffer, {key: patch})
                write_whole(path, buffer.getvalue())
                written += 1
    for path, text in texts.items():
        write_whole(path, text)
    return written


def read_image(path: Path, side: int = TILE_SIDE) -> np.ndarray:
    """Reads and halves a tile: (side / 2, side / 2, 4) uint8, RGB and infrared.

    Raises:
        InputError: If the file cannot be read or is no such tile.
    """
    with _open(path) as opened:
        # OpenCV multiplies colors by a channel that it takes for opacity. Pillow drops
        # a channel that it takes for padding. The tag says which of them reads the file
        # as it is.
        opacity = UNASSOCIATED_ALPHA in opened.tag_v2.get(EXTRA_SAMPLES, ())
        image = np.asarray(opened) if opacity else None
    if image is None:
        image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if image is not None and image.ndim == 3 and image.shape[2] == 4:
            image = image[..., [2, 1, 0, 3]]
    _check(path, image, (side, side, 4))
    return cv2.resize(image, (side // 2, side // 2), interpolation=cv2.INTER_LINEAR)


def read_labels(path: Path, side: int = TILE_SIDE) -> np.ndarray:
    """Reads and halves the labels of a tile: (side / 2, side / 2) int32, 0-5.

    A color counts as the nearest corner of the RGB cube.

    Raises:
        InputError: If the file cannot be read, is no such tile or has a color that is
            no class or not clearly one.
    """
    with _open(path) as opened:
        picture = np.asarray(opened)
    _check(path, picture, (side, side, 3))
    # Each color is one of 8 corners; bytes, because a tile has 36 million pixels.
    bits = (picture >= THRESHOLD).view(np.uint8)
    table = np.full(8, -1, np.int8)
    for index, (red, green, blue) in enumerate(POTSDAM_COLORS):
        table[(red > 0) << 2 | (green > 0) << 1 | (blue > 0)] = index
    labels = table[bits[..., 0] << 2 | bits[..., 1] << 1 | bits[..., 2]]
    low, high = UNCLEAR
    labels[((picture >= low) & (picture <= high)).any(axis=2)] = -1
    unknown = np.argwhere(labels < 0)
    if len(unknown):
        row, col = unknown[0]
        raise InputError(
            f'{path} has {len(unknown)} pixels of colors that are no class, the first '
            f'{tuple(picture[row, col].tolist())} at row {row}, column {col}; expected '
            f'colors near {POTSDAM_COLORS}; replace it by that of {LABEL_ARCHIVE}'
        )
    return labels[::2, ::2].astype(np.int32)


def _by_name(root: Path, end: str) -> dict[str, Path]:
    found: dict[str, Path] = {}
    for path in sorted(root.rglob(f'{START}*{end}')):
        name = path.name.removeprefix(START).removesuffix(end)
        if name in found:
            raise InputError(f'{found[name]} and {path} are the same tile; remove one')
        found[name] = path
    return found


def _open(path: Path) -> Image.Image:
    try:
        opened = Image.open(path, formats=['TIFF'])
        opened.load()
    except (OSError, SyntaxError) as error:
        raise InputError(
            f'{path} is not a whole TIFF file ({error}); replace it'
        ) from error
    return opened


def _check(path: Path, array: np.ndarray | None, shape: tuple[int, ...]) -> None:
    if array is None or array.shape != shape or array.dtype != np.uint8:
        got = 'none' if array is None else f'{array.shape} {array.dtype}'
        raise InputError(f'{path} must be {shape} uint8, got {got}; replace it')


def _per_side(tile_side: int, patch_side: int) -> int:
    if patch_side < 1 or tile_side < 1 or tile_side % (2 * patch_side):
        raise InputError(
            f'tile_side must be a multiple of 2 * patch_side, got {tile_side} and '
            f'{patch_side}'
        )
    return tile_side // (2 * patch_side)


def _cut(array: np.ndarray, side: int) -> Iterator[np.ndarray]:
    """Squares, row by row."""
    for top in range(0, array.shape[0], side):
        for left in range(0, array.shape[1], side):
            yield array[top : top + side, left : left + side]
