"""Cutting large images into overlapping tiles, so that memory does not grow."""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from ..errors import InputError

OVERLAP = 0.25  # of a tile's side, shared with its neighbor
LEAST_TILE = 64


class Tile(NamedTuple):
    """A part of an image.

    Attributes:
        read: Rows and columns that the network sees.
        write: Rows and columns whose ids come from this tile; those of all tiles
            cover the image once.
        inner: The latter, as seen from the tile.
    """

    read: tuple[slice, slice]
    write: tuple[slice, slice]
    inner: tuple[slice, slice]


def tiles(size: tuple[int, int], side: int, overlap: float = OVERLAP) -> Iterator[Tile]:
    """Tiles of an image, row by row.

    Near its border a tile lacks context. Of two neighbors, each gives its half of what
    both see.

    Args:
        size: Height and width of the image.
        side: Side of a tile in pixels, >= 64; an image smaller than that is one tile.
        overlap: Least share of a side that neighbors both see, in [0, 1).

    Raises:
        InputError: If ``side`` < 64.

    Examples:
        >>> [tile.write[1] for tile in tiles((64, 160), 64, 0.25)]
        [slice(0, 56, None), slice(56, 104, None), slice(104, 160, None)]
    """
    if side < LEAST_TILE:
        raise InputError(f'tile must be >= {LEAST_TILE} pixels, got {side}')
    for rows in _parts(size[0], side, overlap):
        for columns in _parts(size[1], side, overlap):
            yield Tile(*zip(rows, columns, strict=True))


def _parts(length: int, side: int, overlap: float) -> list[tuple[slice, slice, slice]]:
    """(read, write, inner) along one axis."""
    if length <= side:
        whole = slice(0, length)
        return [(whole, whole, whole)]
    count = math.ceil((length - overlap * side) / (side - overlap * side))
    starts = np.linspace(0, length - side, count).round().astype(int).tolist()
    # Half-way through what two neighbors share.
    inside = [(b + a + side) // 2 for a, b in zip(starts, starts[1:])]
    borders = [0, *inside, length]
    return [
        (
            slice(start, start + side),
            slice(low, high),
            slice(low - start, high - start),
        )
        for start, low, high in zip(starts, borders, borders[1:], strict=False)
    ]
