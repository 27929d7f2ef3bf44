"""Which values a label file holds, and how often."""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .label_files import DEEP_TOP, LabelFile, read_label_file

SHOWN = 5  # values that a message lists


class FoundLabel(NamedTuple):
    """What was found in a label file.

    Attributes:
        path: The file.
        size: (height, width) of its pixels.
        file: The file with each of its values once, ascending.
        counts: Pixels of each value.
    """

    path: Path
    size: tuple[int, int]
    file: LabelFile
    counts: np.ndarray


def survey_label(path: Path) -> FoundLabel:
    """Reads a label file and counts its values.

    Raises:
        InputError: As :func:`read_label_file`.
    """
    label = read_label_file(path)
    size = label.values.shape
    if label.colored:
        values, counts = np.unique(label.values, return_counts=True)
    else:
        counts = np.bincount(label.values.ravel(), minlength=DEEP_TOP + 1)
        values = np.flatnonzero(counts)
        counts = counts[values]
    once = label._replace(values=values.astype(np.int32))
    return FoundLabel(path, size, once, counts)


def describe_values(
    wanted: Iterable[int],
    values_of_files: Iterable[tuple[FoundLabel, np.ndarray]],
    color: bool,
) -> str:
    """Values with their pixels and files, the first few, for a message.

    Args:
        wanted: The values to describe.
        values_of_files: Files, each with its values in the terms of ``wanted``.
        color: Whether they are colors.
    """
    wanted = sorted(wanted)
    pixels = dict.fromkeys(wanted, 0)
    files: dict[int, list[Path]] = {value: [] for value in wanted}
    for found, values in values_of_files:
        for value, count in zip(values.tolist(), found.counts.tolist()):
            if value in pixels:
                pixels[value] += count
                files[value].append(found.path)
    parts = []
    for value in wanted[:SHOWN]:
        several = files[value][1:]
        parts.append(
            f'{color_name(value) if color else value} ({pixels[value]} pixels in '
            + (f'{len(files[value])} files, such as ' if several else '')
            + f'{files[value][0]})'
        )
    more = len(wanted) - SHOWN
    return ', '.join(parts) + (f' and {more} more' if more > 0 else '')


def color_name(value: int) -> str:
    """'#rrggbb' of 0xRRGGBB."""
    return f'#{value:06x}'
