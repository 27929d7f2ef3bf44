"""The legend of a mask: which color is which class, and how much there is of it."""

from collections.abc import Mapping, Sequence

import numpy as np
from PIL import Image, ImageDraw

from .fonts import fit_text, font, text_width

LISTED = 12  # classes that are named; the others are counted
SIZE = 15  # px of the text
LINE = 24  # px from line to line
SQUARE = 16
GAP = 8
NARROW, WIDE = 130, 300  # px of a column
INK, PAPER, QUIET = (25, 25, 25), (255, 255, 255), (110, 110, 110)
NO_CLASS = (205, 205, 205)


def legend(
    areas: Mapping[int, int],
    classes: Sequence[str],
    palette: Sequence[Sequence[int]],
    width: int,
    pixels: int | None = None,
) -> np.ndarray:
    """Colors, names and shares of the classes that occur, the largest first.

    Args:
        areas: Pixels of each class that occurs, by id.
        classes: Name of each class.
        palette: [r, g, b] of each class.
        width: Of the picture, px.
        pixels: Of all masks; what is in no class is listed last. None: all are in one.

    Returns:
        (height, width, 3) uint8 BGR.
    """
    total = pixels or sum(areas.values()) or 1
    order = sorted(areas, key=lambda index: (-areas[index], index))
    # One class that would stand for itself needs no "1 more".
    listed = order if len(order) <= LISTED + 1 else order[:LISTED]
    entries = [
        (tuple(palette[index]), classes[index], share(areas[index], total))
        for index in listed
    ]
    rest = order[len(listed) :]
    if rest:
        part = share(sum(areas[index] for index in rest), total)
        entries.append((None, f'and {len(rest)} more', part))
    if missing := total - sum(areas.values()):
        entries.append((NO_CLASS, 'no class', share(missing, total)))
    return _draw(entries, width)


def share(part: int, total: int) -> str:
    """A share in words: per cent, without decimals."""
    percent = 100 * part / total
    return f'{percent:.0f} %' if percent >= 1 else '< 1 %'


def _draw(entries: Sequence[tuple], width: int) -> np.ndarray:
    frame = SQUARE + 3 * GAP
    need = [
        frame + text_width(f'{name}  ', SIZE) + text_width(f'  {part}', SIZE)
        for _, name, part in entries
    ]
    column = min(max(NARROW, *need, 0), WIDE, width)
    columns = max(1, width // column)
    rows = max(1, -(-len(entries) // columns))
    picture = Image.new('RGB', (width, rows * LINE + GAP), PAPER)
    draw = ImageDraw.Draw(picture)
    for number, (color, name, part) in enumerate(entries):
        left = GAP // 2 + number // rows * column
        top = GAP // 2 + number % rows * LINE
        if color is not None:
            box = (left, top + 2, left + SQUARE, top + 2 + SQUARE)
            draw.rectangle(box, fill=color, outline=QUIET)
            if color is NO_CLASS:
                draw.line((box[0], box[3], box[2], box[1]), QUIET)
        room = column - frame - text_width(f'  {part}', SIZE)
        name = fit_text(name, SIZE, room)
        place = (left + SQUARE + GAP, top)
        draw.text(place, name, INK, font(SIZE))
        place = (place[0] + text_width(f'{name}  ', SIZE), top)
        draw.text(place, part, QUIET, font(SIZE))
    return np.array(picture)[..., ::-1]
