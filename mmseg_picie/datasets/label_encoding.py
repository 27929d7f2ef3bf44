"""What the values of a folder's label files mean."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..errors import InputError
from .label_colors import read_colors
from .label_files import LabelFile
from .label_ids import Reading, read_ids
from .label_survey import FoundLabel, color_name
from .label_table import LabelTable


@dataclass(frozen=True)
class LabelEncoding:
    """From the values of label files to classes.

    Attributes:
        classes: Names of the classes.
        palette: RGB of each class.
        by_color: Whether values are read as colors, else as ids.
        codes: Known values, (n,) int32, ascending.
        targets: Class of each, (n,) uint8, 255 where nothing is said.
        sentence: How the files were read.
    """

    classes: tuple[str, ...]
    palette: tuple[tuple[int, int, int], ...]
    by_color: bool
    codes: np.ndarray
    targets: np.ndarray
    sentence: str

    def apply(self, label: LabelFile, path: Path) -> np.ndarray:
        """Classes of a label file.

        Args:
            label: What the file holds, values (H, W).
            path: The file, for messages.

        Returns:
            (H, W) uint8; 255 where nothing is said.

        Raises:
            InputError: If it holds a value that was not there when the folder was
                looked at.
        """
        if not self.by_color and not label.is_gray:
            raise InputError(f'label {path} is in colors now; read the folder anew')
        values = label.colors() if self.by_color else label.ids()
        places = np.searchsorted(self.codes, values).clip(max=len(self.codes) - 1)
        known = self.codes[places] == values
        if not known.all():
            value = int(values[~known][0])
            shown = color_name(value) if self.by_color else value
            raise InputError(
                f'label {path} holds {shown}, which was in no label when the folder '
                'was looked at; read the folder anew'
            )
        return self.targets[places]


def choose_encoding(
    found: Mapping[str, FoundLabel], table: LabelTable | None, folder: Path
) -> LabelEncoding:
    """Finds what the values of all label files mean.

    Args:
        found: Label of each image; at least one.
        table: What ids or colors mean, None where nothing is given.
        folder: Folder of the labels, for messages.

    Raises:
        InputError: If it stays open, or a value is not in the table.
    """
    labels = list(found.values())
    colored = next((x for x in labels if not x.file.is_gray), None)
    has_ids = table is not None and bool(table.classes_by_id())
    has_colors = table is not None and bool(table.classes_by_color())
    if colored is not None and has_ids and not has_colors:
        raise InputError(
            f'label {colored.path} is in colors, and {table.source} names no colors: '
            "write 'name, r, g, b' for each class into a table"
        )
    by_color = (has_colors and not has_ids) or colored is not None
    if table is None and not by_color:
        by_color = _palettes_differ(labels)
    reading = (read_colors if by_color else read_ids)(labels, table, folder)
    return LabelEncoding(
        reading.classes,
        _palette(reading, labels),
        by_color,
        np.array(sorted(reading.targets), np.int32),
        np.array([reading.targets[v] for v in sorted(reading.targets)], np.uint8),
        reading.sentence,
    )


def _palettes_differ(labels: list[FoundLabel]) -> bool:
    """Whether files give one id different colors, so that ids mean nothing."""
    colors: dict[int, int] = {}
    for label in labels:
        if label.file.palette is None:
            continue
        shown = label.file.colors()
        for value, color in zip(label.file.values.tolist(), shown.tolist()):
            if colors.setdefault(value, color) != color:
                return True
    return False


def _palette(
    reading: Reading, labels: list[FoundLabel]
) -> tuple[tuple[int, int, int], ...]:
    """RGB of each class: the table's, the files' own or a default one."""
    stored: dict[int, int] = {}
    for label in labels:
        if label.file.palette is not None and reading.colors is None:
            shown = label.file.colors()
            stored |= {
                reading.targets[value]: color
                for value, color in zip(label.file.values.tolist(), shown.tolist())
            }
    colors = reading.colors or [None] * len(reading.classes)
    return tuple(
        color or _split(stored[i]) if color or i in stored else default_color(i)
        for i, color in enumerate(colors)
    )


def _split(color: int) -> tuple[int, int, int]:
    return color >> 16, color >> 8 & 255, color & 255


def default_color(number: int) -> tuple[int, int, int]:
    """A color for a class: its bits spread over red, green and blue, 0 is black.

    Examples:
        >>> default_color(0), default_color(1), default_color(6)
        ((0, 0, 0), (128, 0, 0), (0, 128, 128))
    """
    color = [0, 0, 0]
    for bit in range(8):
        color[bit % 3] |= (number >> bit & 1) << (7 - bit // 3)
    return tuple(color)
