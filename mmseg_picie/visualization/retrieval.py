"""The picture of a retrieval: a pixel, and the pixels nearest to it elsewhere."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np

from .panels import write_rows

TILE = 320  # px, width of one picture
COLUMNS = 4
GAP = 6
CAPTION = 22  # px below a picture
FONT, FONT_SCALE = cv2.FONT_HERSHEY_SIMPLEX, 0.42
HEAT_SHARE = 0.6  # of the heat map over the image


class MarkedImage(NamedTuple):
    """An image with one marked pixel.

    Attributes:
        image: (H, W, 3) uint8 BGR.
        pixel: (x, y).
        caption: Text below it; the end is kept where it is too long.
    """

    image: np.ndarray
    pixel: tuple[float, float]
    caption: str


def save_retrieval(
    path: str | Path,
    query: MarkedImage,
    heat: np.ndarray,
    neighbors: Sequence[MarkedImage],
) -> None:
    """Writes query, its heat map and the neighbors, nearest first (PiCIE, figures).

    Args:
        path: PNG to write.
        query: Drawn with a cross.
        heat: Cosine of each cell of the query image with the query, (h, w), over the
            whole of ``query.image``.
        neighbors: Drawn with a circle.

    Raises:
        OSError: If the picture cannot be written.
    """
    painted = query._replace(
        image=paint_heat(query.image, heat),
        caption=f'cosine: dark {heat.min():.2f}, bright 1',
    )
    tiles = [
        _tile(query, cv2.MARKER_CROSS),
        _tile(painted, cv2.MARKER_CROSS),
        *(_tile(neighbor) for neighbor in neighbors),
    ]
    height = max(len(tile) for tile in tiles)
    tiles = [_extend(tile, height) for tile in tiles]
    blank = np.full_like(tiles[0], 255)
    tiles += [blank] * (math.ceil(len(tiles) / COLUMNS) * COLUMNS - len(tiles))
    rows = [
        np.concatenate(tiles[start : start + COLUMNS], axis=1)
        for start in range(0, len(tiles), COLUMNS)
    ]
    write_rows(path, rows)


def paint_heat(image: np.ndarray, heat: np.ndarray) -> np.ndarray:
    """Lays a map of cosines over an image: dark for its least value, bright for 1.

    Args:
        image: (H, W, 3) uint8.
        heat: (h, w).

    Returns:
        (H, W, 3) uint8 BGR.
    """
    low = float(heat.min())
    scaled = (heat - low) / max(1 - low, 1e-6)
    levels = np.clip(255 * scaled, 0, 255).astype(np.uint8)
    levels = cv2.resize(levels, image.shape[1::-1], interpolation=cv2.INTER_NEAREST)
    colors = cv2.applyColorMap(levels, cv2.COLORMAP_INFERNO)
    return cv2.addWeighted(image, 1 - HEAT_SHARE, colors, HEAT_SHARE, 0)


def _tile(marked: MarkedImage, marker: int | None = None) -> np.ndarray:
    """A picture of the tile's width with its mark (a circle by default) and caption."""
    image, (x, y), caption = marked
    scale = TILE / image.shape[1]
    size = (TILE, max(1, round(image.shape[0] * scale)))
    drawn = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    place = (int((x + 0.5) * scale), int((y + 0.5) * scale))
    # Dark below bright, to be seen on any ground.
    for color, width in (((0, 0, 0), 4), ((0, 255, 255), 2)):
        if marker is None:
            cv2.circle(drawn, place, 9, color, width, cv2.LINE_AA)
        else:
            cv2.drawMarker(drawn, place, color, marker, 22, width, cv2.LINE_AA)
    below = np.full((CAPTION, TILE, 3), 255, np.uint8)
    text = _shorten(caption)
    cv2.putText(below, text, (2, 15), FONT, FONT_SCALE, (0, 0, 0), 1, cv2.LINE_AA)
    tile = np.concatenate([drawn, below], axis=0)
    return cv2.copyMakeBorder(
        tile, *[GAP // 2] * 4, cv2.BORDER_CONSTANT, value=[255] * 3
    )


def _extend(tile: np.ndarray, height: int) -> np.ndarray:
    below = np.full((height - len(tile), *tile.shape[1:]), 255, np.uint8)
    return np.concatenate([tile, below], axis=0)


def _shorten(text: str) -> str:
    """The beginning (a number) and as much of the end as fits the tile."""
    first, _, rest = text.partition(' ')
    shown = text
    while rest and cv2.getTextSize(shown, FONT, FONT_SCALE, 1)[0][0] > TILE - 4:
        rest = rest[1:]
        shown = f'{first} ...{rest}'
    return shown
