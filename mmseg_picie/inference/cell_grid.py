"""Pixels of a picture and the cells of its embedding."""

from typing import NamedTuple

import cv2
import numpy as np


class CellGrid(NamedTuple):
    """Sizes, (height, width), on the way from a picture to its embedding.

    Attributes:
        picture: The part of the image that the network sees, in image pixels.
        resized: The same as it enters the preprocessor.
        padded: Likewise after padding, right and below.
        cells: The embedding, which covers the padded image.
    """

    picture: tuple[int, int]
    resized: tuple[int, int]
    padded: tuple[int, int]
    cells: tuple[int, int]

    def _pixels_per_cell(self, axis: int) -> float:
        in_resized = self.padded[axis] / self.cells[axis]
        return in_resized * self.picture[axis] / self.resized[axis]

    def cell_at(self, x: int, y: int) -> int:
        """Index of the cell that holds the center of a pixel, row by row."""
        row, column = (
            min(int((place + 0.5) / self._pixels_per_cell(axis)), self.cells[axis] - 1)
            for axis, place in enumerate((y, x))
        )
        return row * self.cells[1] + column

    def center_of(self, cell: int) -> tuple[float, float]:
        """(x, y) of a cell's center, where pixel (0, 0) has its own at (0, 0)."""
        row, column = divmod(cell, self.cells[1])
        y, x = (
            (place + 0.5) * self._pixels_per_cell(axis) - 0.5
            for axis, place in enumerate((row, column))
        )
        return x, y

    def on_picture(self, values: np.ndarray) -> np.ndarray:
        """Values of the cells at the pixels of the picture, (h, w) -> (H, W).

        Padding is cut off.
        """
        height, width = (
            round(self.picture[axis] * self.padded[axis] / self.resized[axis])
            for axis in (0, 1)
        )
        values = cv2.resize(values, (width, height), interpolation=cv2.INTER_NEAREST)
        return values[: self.picture[0], : self.picture[1]]
