"""Value noise from integer grids.

Grids are uint16 and enlarged with OpenCV's bit-exact bilinear resize, so that the
same draws give the same pixels on every platform.
"""

import cv2
import numpy as np


def value_noise(
    rng: np.random.Generator, size: tuple[int, int], cell: tuple[float, float]
) -> np.ndarray:
    """Smooth random field.

    Args:
        rng: Source of the grid.
        size: Height and width of the field in pixels.
        cell: Height and width of one cell of the grid in pixels, at least 1 is used.

    Returns:
        Field in [0, 1], (H, W), float32.
    """
    (height, width), (cell_y, cell_x) = size, (max(c, 1.0) for c in cell)
    rows, columns = int(height / cell_y) + 2, int(width / cell_x) + 2
    grid = rng.integers(0, 65536, (rows, columns), dtype=np.uint16)
    full = (int(np.ceil(columns * cell_x)), int(np.ceil(rows * cell_y)))
    field = cv2.resize(grid, full, interpolation=cv2.INTER_LINEAR_EXACT)
    # Half a cell at the border is constant: cut it off.
    y, x = int(cell_y / 2), int(cell_x / 2)
    return field[y : y + height, x : x + width].astype(np.float32) / 65535


def fractal_noise(
    rng: np.random.Generator,
    size: tuple[int, int],
    cell: tuple[float, float],
    octaves: int = 3,
    gain: float = 0.5,
) -> np.ndarray:
    """Sum of value noise over halving cells, each octave weaker by ``gain``.

    Returns:
        Field in [0, 1], (H, W), float32.
    """
    total = np.zeros(size, np.float32)
    weight, weights = 1.0, 0.0
    for octave in range(octaves):
        shrink = 2**octave
        total += weight * value_noise(rng, size, (cell[0] / shrink, cell[1] / shrink))
        weights += weight
        weight *= gain
    return total / np.float32(weights)


def window(sheet: np.ndarray, rng: np.random.Generator, size: tuple[int, int]):
    """Window of a noise sheet (h, w) at a random place, wrapped round, (H, W)."""
    top, left = rng.integers(0, sheet.shape[0]), rng.integers(0, sheet.shape[1])
    rows = (top + np.arange(size[0])) % sheet.shape[0]
    columns = (left + np.arange(size[1])) % sheet.shape[1]
    return sheet[np.ix_(rows, columns)]
