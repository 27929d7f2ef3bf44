"""Pictures of clusters: for each one, crops of images with its pixels outlined."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

SIDE = 112  # px of a crop
GAP = 4
TITLE = 150  # px for the words at the left
MARGIN = 0.25  # of a crop's side, around the outlined part
LEAST = 48  # px of an image that a crop shows at least
ROWS = 20  # clusters on a page
FONT, BIG, SMALL = cv2.FONT_HERSHEY_SIMPLEX, 0.6, 0.4
DARK, BRIGHT = (0, 0, 0), (0, 255, 255)


class CardRow(NamedTuple):
    """What a page shows of one cluster.

    Attributes:
        heading: Its number or name.
        lines: Figures, a few words each.
        color: Its color in masks, [r, g, b].
        crops: Pictures from :func:`draw_crop`, best first.
    """

    heading: str
    lines: Sequence[str]
    color: Sequence[int]
    crops: Sequence[np.ndarray]


def draw_crop(
    image: np.ndarray, part: np.ndarray, box: tuple[slice, slice]
) -> np.ndarray:
    """A square around a part of an image, the part outlined.

    Args:
        image: (H, W, 3) uint8 BGR.
        part: Pixels to outline, (H, W) bool.
        box: Rows and columns that hold the part of interest.

    Returns:
        (112, 112, 3) uint8 BGR.
    """
    rows, columns = _square(box, part)
    crop = image[rows, columns]
    inter = cv2.INTER_AREA if len(crop) > SIDE else cv2.INTER_CUBIC
    drawn = np.ascontiguousarray(cv2.resize(crop, (SIDE, SIDE), interpolation=inter))
    mask = 255 * part[rows, columns].astype(np.uint8)
    mask = (cv2.resize(mask, (SIDE, SIDE)) > 127).astype(np.uint8)
    outlines, _ = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    for color, width in ((DARK, 3), (BRIGHT, 1)):
        cv2.drawContours(drawn, outlines, -1, color, width)
    return drawn


def save_card_pages(folder: Path, rows: Sequence[CardRow]) -> list[Path]:
    """Writes pages of clusters, a row each.

    Args:
        folder: Made if it is not there.
        rows: In the order they are shown.

    Returns:
        The files written, page_1.jpg and so on.

    Raises:
        OSError: If a page cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    width = max(len(row.crops) for row in rows)
    written = []
    for begin in range(0, len(rows), ROWS):
        page = [_draw_row(row, width) for row in rows[begin : begin + ROWS]]
        path = folder / f'page_{len(written) + 1}.jpg'
        if not cv2.imwrite(str(path), np.concatenate(page)):
            raise OSError(f'cannot write {path}')
        written.append(path)
    return written


def _draw_row(row: CardRow, width: int) -> np.ndarray:
    height = SIDE + GAP
    title = np.full((height, TITLE, 3), 255, np.uint8)
    cv2.rectangle(title, (6, 8), (22, 24), tuple(map(int, row.color[::-1])), -1)
    cv2.rectangle(title, (6, 8), (22, 24), DARK, 1)
    cv2.putText(title, row.heading, (30, 23), FONT, BIG, DARK, 1, cv2.LINE_AA)
    for number, line in enumerate(row.lines):
        place = (6, 44 + 18 * number)
        cv2.putText(title, line, place, FONT, SMALL, DARK, 1, cv2.LINE_AA)
    crops = np.full((height, width * (SIDE + GAP), 3), 255, np.uint8)
    for number, crop in enumerate(row.crops):
        left = number * (SIDE + GAP)
        crops[:SIDE, left : left + SIDE] = crop
    return np.concatenate([title, crops], axis=1)


def _square(box: tuple[slice, slice], part: np.ndarray) -> tuple[slice, slice]:
    """A square around a box with a margin, moved into the image.

    Of a box that is longer than the image is wide or high, it holds the piece with most
    pixels of the part.
    """
    sides = [one.stop - one.start for one in box]
    side = max(LEAST, round(max(sides) * (1 + 2 * MARGIN)))
    side = min(side, *part.shape)
    found = []
    for axis, (own, length) in enumerate(zip(box, part.shape, strict=True)):
        begin = (own.start + own.stop - side) // 2
        if own.stop - own.start > side:
            counts = np.cumsum(part[box].sum(1 - axis))
            inside = counts[side - 1 :] - np.concatenate([[0], counts[:-side]])
            begin = own.start + int(inside.argmax())
        begin = min(max(0, begin), length - side)
        found.append(slice(begin, begin + side))
    return found[0], found[1]
