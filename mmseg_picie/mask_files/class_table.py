"""ClassTable: names and colors of the classes of a folder of masks."""

import csv
import io
from collections.abc import Sequence

import numpy as np

from ..errors import InputError
from .mask import Mask, id_dtype, ignore_id

MOST_CLASSES = 65535  # ids of 16 bits, but for the one that means no class
ROWS = 256  # of a mask that are counted at once
Color = tuple[int, int, int]


class ClassTable:
    """Names and colors of the classes, all different.

    Args:
        classes: Name of each class; its place is its id.
        palette: [r, g, b] of each class, integers in [0, 255].

    Attributes:
        names: Name of each class.
        colors: (r, g, b) of each class.
        ignore: The id of a pixel without class, 255 or 65535.

    Raises:
        InputError: If names or colors are missing, too many, repeated or no colors.
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
        self.colors = tuple(_color(color) for color in palette)
        self.ignore = ignore_id(len(classes))
        for kind, values in (('name', self.names), ('color', self.colors)):
            first: dict = {}
            for index, value in enumerate(values):
                if first.setdefault(value, index) != index:
                    raise InputError(
                        f'classes {first[value]} ({self.names[first[value]]}) and '
                        f'{index} ({self.names[index]}) have the same {kind} '
                        f'{value!r}; give each its own'
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
        counts = np.zeros(self.ignore + 1, np.int64)
        for start in range(0, len(mask.class_ids), ROWS):
            rows = mask.class_ids[start : start + ROWS]
            counts += np.bincount(rows.ravel(), minlength=len(counts))
        counts[self.ignore] = 0
        found = np.flatnonzero(counts)
        if len(found) and found[-1] >= len(self):
            raise ValueError(
                f'{mask.name} has class id {found[-1]}, but there are only '
                f'{len(self)} classes'
            )
        return {int(index): int(counts[index]) for index in found}

    def color_table(self) -> np.ndarray:
        """Colors by id, (ignore + 1, 3) uint8 RGB; black where there is no class."""
        table = np.zeros((self.ignore + 1, 3), np.uint8)
        table[: len(self)] = self.colors
        return table

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
