"""ClassTable: names and colors of the classes of a folder of masks."""

import csv
import io
from collections.abc import Iterator, Sequence

from mmengine.logging import MMLogger

from ..errors import InputError
from ..models import distinct_palette
from ..visualization import count_ids
from .mask import Mask, id_dtype, ignore_id

MOST_CLASSES = 65535  # ids of 16 bits, but for the one that means no class
Color = tuple[int, int, int]
BLACK = (0, 0, 0)  # a pixel without class


class ClassTable:
    """Names and colors of the classes, all different, no color black.

    Palettes of well-known data sets repeat colors or have a black class. Where a color
    is black, or that of a class before it, the class gets another one, and a warning
    says so; black is a pixel without class.

    Args:
        classes: Name of each class; its place is its id.
        palette: [r, g, b] of each class, integers in [0, 255].

    Attributes:
        names: Name of each class.
        colors: (r, g, b) of each class.
        ignore: The id of a pixel without class, 255 or 65535.

    Raises:
        InputError: If names or colors are missing or too many, a name is
            repeated, or a color is none.
    """

    def __init__(
        self, classes: Sequence[str], palette: Sequence[Sequence[int]]
    ) -> None:
        if not 0 < len(classes) <= MOST_CLASSES or len(palette) != len(classes):
            raise InputError(
                f'masks need 1 to {MOST_CLASSES} classes and a color for each, got '
                f'{len(classes)} classes and {len(palette)} colors'
            )
        self.names = tuple(str(name) for name in classes)
        self.colors = _different([_color(color) for color in palette])
        self.ignore = ignore_id(len(classes))
        first: dict[str, int] = {}
        for index, name in enumerate(self.names):
            if first.setdefault(name, index) != index:
                raise InputError(
                    f'classes {first[name]} and {index} have the same name {name!r}: '
                    'give each its own'
                )

    def __len__(self) -> int:
        return len(self.names)

    def areas(self, mask: Mask) -> dict[int, int]:
        """Number of pixels of each class that occurs, by id; without the ignored.

        Raises:
            ValueError: If the mask has another type or an id that is no class.
        """
        if mask.class_ids.dtype != id_dtype(len(self)):
            raise ValueError(
                f'class_ids of {len(self)} classes must be {id_dtype(len(self))}, got '
                f'{mask.class_ids.dtype} for {mask.name}'
            )
        areas = count_ids(mask.class_ids)
        areas.pop(self.ignore, None)
        if areas and max(areas) >= len(self):
            raise ValueError(
                f'{mask.name} has class id {max(areas)}, but there are only '
                f'{len(self)} classes'
            )
        return areas

    def as_csv(self) -> bytes:
        """A table for people and programs: id, name, color; the ignored id last."""
        text = io.StringIO()
        rows = csv.writer(text, lineterminator='\n')
        rows.writerow(['id', 'name', 'color'])
        for index, (name, color) in enumerate(zip(self.names, self.colors)):
            rows.writerow([index, name, '#{:02x}{:02x}{:02x}'.format(*color)])
        rows.writerow([self.ignore, '(no class)', '#000000'])
        return text.getvalue().encode()


def _color(color: Sequence[int]) -> Color:
    values = tuple(int(value) for value in color)
    if len(values) != 3 or not all(0 <= value <= 255 for value in values):
        raise InputError(
            f'a color must be three integers from 0 to 255, got {list(color)}'
        )
    return values


def _different(colors: list[Color]) -> tuple[Color, ...]:
    """The colors, those that are black or repeated replaced."""
    taken, found, replaced = {BLACK, *colors}, [], []
    spare = _spare_colors()
    seen = {BLACK}
    for index, color in enumerate(colors):
        if color in seen:
            if color != BLACK:  # usual for a background: no word about it
                replaced.append(index)
            color = next(c for c in spare if c not in taken)
            taken.add(color)
        seen.add(color)
        found.append(color)
    if replaced:
        MMLogger.get_current_instance().warning(
            'These classes have the color of another class, and are shown in other '
            f'colors: {replaced}'
        )
    return tuple(found)


def _spare_colors() -> Iterator[Color]:
    yield from map(tuple, distinct_palette(10_000))
    yield from ((n >> 16, n >> 8 & 255, n & 255) for n in range(0x202020, 1 << 24))
