"""Clusters that follow the place in the image more than what is seen there."""

import numpy as np

GRID = 16  # cells of an image down and across
HALF = 0.5  # of the variance: the place says more than everything else together
FEWEST_IMAGES = 8  # fewer may show one scene, whose parts have their places


class PositionCounts:
    """How much of where a cluster lies is told by the row or column alone.

    Each image is cut into 16 x 16 cells. The frequency of a cluster in a cell is the
    share of the cell's pixels that it has. Of the variance of these frequencies over
    all cells of all images, the row explains the part that the means of rows have, the
    column the part that the means of columns have.

    Args:
        num_clusters: K.

    Examples:
        >>> counts = PositionCounts(2)
        >>> for _ in range(3):
        ...     counts.add(np.repeat([[0], [1]], 32, axis=0) * np.ones((1, 64), int))
        >>> counts.explained().tolist()  # the row tells both clusters
        [[1.0, 0.0], [1.0, 0.0]]
    """

    def __init__(self, num_clusters: int) -> None:
        self.num_images = 0
        self._sums = np.zeros((num_clusters, GRID, GRID))
        self._squares = np.zeros(num_clusters)

    def add(self, ids: np.ndarray) -> None:
        """Takes the cluster ids of one image, (H, W), each side >= 16 px."""
        num_clusters = len(self._sums)
        rows, columns = (np.arange(side) * GRID // side for side in ids.shape)
        cells = rows[:, None] * GRID + columns
        counts = np.bincount(
            (ids.astype(np.int64) * GRID**2 + cells).ravel(),
            minlength=num_clusters * GRID**2,
        )
        pixels = np.bincount(cells.ravel(), minlength=GRID**2)
        shares = (counts.reshape(num_clusters, -1) / np.maximum(1, pixels)).reshape(
            self._sums.shape
        )
        self._sums += shares
        self._squares += np.square(shares).sum((1, 2))
        self.num_images += 1

    def explained(self) -> np.ndarray:
        """Shares of variance that row and column explain, (K, 2) in [0, 1]."""
        count = max(1, self.num_images)
        means = self._sums / count
        mean = means.mean((1, 2))
        total = self._squares / (count * GRID**2) - np.square(mean)
        shares = [
            np.square(means.mean(axis) - mean[:, None]).mean(1) for axis in (2, 1)
        ]
        least = 1e-12  # of a cluster that is everywhere or nowhere
        explained = np.stack(shares, 1) / np.maximum(total, least)[:, None]
        return np.where(total[:, None] > least, explained, 0.0).clip(0, 1)

    def follows(self) -> list[str]:
        """For each cluster 'row', 'column', 'row and column' or ''.

        A cluster follows its place if row and column together explain more than half;
        the word is for what explains at least a quarter of that. Of fewer than 8
        images nothing is said.
        """
        if self.num_images < FEWEST_IMAGES:
            return [''] * len(self._sums)
        words = []
        for row, column in self.explained():
            told = [
                word
                for word, share in (('row', row), ('column', column))
                if share >= (row + column) / 4
            ]
            words.append(' and '.join(told) if row + column > HALF else '')
        return words
