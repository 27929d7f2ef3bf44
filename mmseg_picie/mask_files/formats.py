"""The formats of masks by their names."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from ..errors import InputError
from .class_table import ClassTable
from .png_writer import PngWriter
from .writer import MaskWriter

FORMATS = ('png', 'overlay', 'coco', 'cvat', 'voc', 'npz')
WRITERS: dict[str, type[MaskWriter]] = dict(png=PngWriter)


def make_writers(
    formats: Sequence[str],
    out: Path,
    classes: Sequence[str],
    palette: Sequence[Sequence[int]],
    names: Iterable[str] | None = None,
) -> list[MaskWriter]:
    """A writer for each format, all below one folder.

    Args:
        formats: Of ``FORMATS``; one named twice counts once.
        out: Folder to write to; nothing is written yet.
        classes: Name of each class; its place is its id.
        palette: [r, g, b] of each class.
        names: Names of all images that will be written, for short file names; see
            :class:`MaskWriter`.

    Raises:
        InputError: If a format is unknown or misses a package, or if names or colors
            of classes are wrong.
    """
    unknown = [name for name in formats if name not in FORMATS]
    if unknown or not formats:
        raise InputError(f'formats must be some of {FORMATS}, got {list(formats)}')
    table = ClassTable(classes, palette)
    listed = None if names is None else list(names)
    return [WRITERS[name](out, table, listed) for name in dict.fromkeys(formats)]
