"""What colors of label files mean."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..errors import InputError
from .label_ids import MOST_IN_ONE, Reading, lossy_message
from .label_maps import IGNORE
from .label_survey import FoundLabel, color_name, describe_values
from .label_table import LabelTable

GIVE_TABLE = "give a table with a line 'name, r, g, b' for each color"
# Colors of soft borders are many and cover little; more than a few are suspected.
FEW, LITTLE = 8, 0.01


def read_colors(
    labels: Sequence[FoundLabel], table: LabelTable | None, folder: Path
) -> Reading:
    """Reads values as colors.

    Args:
        labels: All label files.
        table: With colors; None where nothing is given.
        folder: Of the labels, for messages.

    Raises:
        InputError: If a color is not in the table; without one, if the colors cannot
            be exact.
    """
    values = [(label, _colors(label)) for label in labels]
    pixels: dict[int, int] = {}
    for label, colors in values:
        for color, count in zip(colors.tolist(), label.counts.tolist()):
            pixels[color] = pixels.get(color, 0) + count
    lossy = next((x for x in labels if x.file.lossy), None)
    if table is None:
        if lossy is not None:
            raise InputError(lossy_message(lossy))
        return _read_plain(labels, pixels, folder)
    known = {
        red << 16 | green << 8 | blue: target
        for (red, green, blue), target in table.classes_by_color().items()
    }
    unknown = set(pixels) - set(known)
    if unknown and lossy is not None:
        raise InputError(lossy_message(lossy))
    if unknown:
        raise InputError(
            f'{table.source} has {len(known)} colors, and labels hold others: '
            f'{describe_values(unknown, values, color=True)}; add them, with the name '
            "'ignore' where they are no class, or save the labels without smoothing"
        )
    return Reading(table.classes, known, f'colors by {table.source}', table.colors)


def _colors(label: FoundLabel) -> np.ndarray:
    try:
        return label.file.colors()
    except ValueError as error:
        raise InputError(
            f'label {label.path} is to be read by its colors: {error}; save it as RGB '
            'or give a table of ids'
        ) from error


def _read_plain(
    labels: Sequence[FoundLabel], pixels: dict[int, int], folder: Path
) -> Reading:
    """Colors without a table: each is a class, in the order of their values."""
    crowded = next((x for x in labels if len(x.counts) > MOST_IN_ONE), None)
    if crowded is not None:
        raise InputError(
            f'label {crowded.path} holds {len(crowded.counts)} colors, as a picture or '
            f'a mask with soft borders does; save it without smoothing, or {GIVE_TABLE}'
        )
    if not 2 <= len(pixels) < IGNORE:
        raise InputError(
            f'labels in {folder} hold {len(pixels)} colors, expected 2 to '
            f'{IGNORE - 1}; {GIVE_TABLE}'
        )
    rare = sorted(pixels.values())[: (len(pixels) + 1) // 2]
    if len(pixels) > FEW and sum(rare) < LITTLE * sum(pixels.values()):
        raise InputError(
            f'half of the {len(pixels)} colors of the labels in {folder} cover '
            f'{100 * sum(rare) / sum(pixels.values()):.2f}% of the pixels, as soft '
            f'borders do; save the labels without smoothing, or {GIVE_TABLE}'
        )
    ordered = sorted(pixels)
    names = tuple(map(color_name, ordered))
    return Reading(
        names,
        {color: place for place, color in enumerate(ordered)},
        f'{len(names)} colors without a table, each a class named by its color: '
        + ', '.join(names[:12])
        + (', ...' if names[12:] else ''),
        [tuple(bytes.fromhex(name[1:])) for name in names],
    )
