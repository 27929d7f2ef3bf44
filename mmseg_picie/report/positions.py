"""Clusters that follow the place in the image more than what is seen there."""

from typing import NamedTuple

import cv2
import numpy as np

GRID = 16  # cells of an image down and across
LEVELS = 6  # of red, green and blue, into which the mean color of a cell falls
LEAST = 0.15  # of the variance, below which the place tells too little to matter
FEWEST_IMAGES = 8  # fewer may show one scene, whose parts have their places


class Explained(NamedTuple):
    """Shares of the variance of where clusters are, (K,) in [0, 1] each.

    Attributes:
        row: What the row of the image explains.
        column: What the column explains.
        color: What the color there explains.
    """

    row: np.ndarray
    column: np.ndarray
    color: np.ndarray


class PlaceCounts:
    """How much of where a cluster lies is told by place, and how much by color.

    Each image is cut into 16 x 16 cells. The frequency of a cluster in a cell is the
    share of the cell's pixels that it has. Of the variance of these frequencies over
    all cells of all images, the row explains the part that the means of rows have, the
    column that of the means of columns, the color that of the means of cells of like
    mean color (6 levels of red, green and blue each). Color stands for the content.

    Args:
        num_clusters: K.

    Examples:
        >>> counts = PlaceCounts(2)
        >>> ids = np.repeat([[0], [1]], 32, axis=0) * np.ones((1, 64), int)
        >>> for _ in range(3):
        ...     counts.add(ids, np.zeros((64, 64, 3), np.uint8))
        >>> [share.tolist() for share in counts.explained()]
        [[1.0, 1.0], [0.0, 0.0], [0.0, 0.0]]
    """

    def __init__(self, num_clusters: int) -> None:
        self.num_images = 0
        self._sums = np.zeros((num_clusters, GRID, GRID))
        self._squares = np.zeros(num_clusters)
        self._by_color = np.zeros((num_clusters, LEVELS**3))
        self._color_cells = np.zeros(LEVELS**3)

    def add(self, ids: np.ndarray, image: np.ndarray) -> None:
        """Takes one image.

        Args:
            ids: Cluster ids, (H, W).
            image: (H, W, 3) uint8.
        """
        num_clusters = len(self._sums)
        height, width = (max(GRID, side) for side in ids.shape)
        if (height, width) != ids.shape:  # so that no cell is empty
            rows, columns = (
                np.arange(new) * old // new
                for new, old in zip((height, width), ids.shape, strict=True)
            )
            ids = ids[rows[:, None], columns]
        rows, columns = (np.arange(side) * GRID // side for side in (height, width))
        cells = rows[:, None] * GRID + columns
        counts = np.bincount(
            (ids.astype(np.int64) * GRID**2 + cells).ravel(),
            minlength=num_clusters * GRID**2,
        )
        shares = counts.reshape(num_clusters, -1) / np.bincount(cells.ravel())
        self._sums += shares.reshape(self._sums.shape)
        self._squares += np.square(shares).sum(1)
        colors = cv2.resize(image, (GRID, GRID), interpolation=cv2.INTER_AREA)
        levels = colors.reshape(-1, 3).astype(int) * LEVELS // 256
        bins = levels @ [LEVELS**2, LEVELS, 1]
        np.add.at(self._by_color.T, bins, shares.T)
        self._color_cells += np.bincount(bins, minlength=LEVELS**3)
        self.num_images += 1

    def explained(self) -> Explained:
        """What row, column and color explain; 0 for a cluster that never varies."""
        count = max(1, self.num_images)
        means = self._sums / count
        mean = means.mean((1, 2))
        total = self._squares / (count * GRID**2) - np.square(mean)
        parts = [np.square(means.mean(axis) - mean[:, None]).mean(1) for axis in (2, 1)]
        cells = np.maximum(1, self._color_cells)
        off = np.square(self._by_color / cells - mean[:, None])
        parts.append((off * self._color_cells).sum(1) / (count * GRID**2))
        varies = total > 1e-12
        shares = np.where(varies, parts / np.where(varies, total, 1), 0).clip(0, 1)
        return Explained(*shares)

    def follows(self) -> list[str]:
        """For each cluster 'row', 'column', 'row and column' or ''.

        A cluster follows its place if row and column together explain more than the
        color does, and at least 15 %; the words are for what explains at least a
        quarter of that. Of fewer than 8 images nothing is said.
        """
        words = []
        for row, column, color in zip(*self.explained(), strict=True):
            told = [
                word
                for word, share in (('row', row), ('column', column))
                if share >= (row + column) / 4
            ]
            marked = row + column > color and row + column >= LEAST
            words.append(' and '.join(told) if marked else '')
        return words if self.num_images >= FEWEST_IMAGES else [''] * len(words)
