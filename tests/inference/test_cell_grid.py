import numpy as np
import pytest

from mmseg_picie.inference.cell_grid import CellGrid


@pytest.fixture
def grid():
    # 40 x 80 px, halved, padded to 32 x 48, cells of 8 px: 16 px of the picture.
    return CellGrid((40, 80), (20, 40), (32, 48), (4, 6))


def test_pixel_falls_into_the_cell_above_it(grid):
    assert grid.cell_at(0, 0) == 0
    assert grid.cell_at(15, 15) == 0
    assert grid.cell_at(16, 15) == 1
    assert grid.cell_at(79, 39) == 2 * 6 + 4


def test_center_lies_in_its_cell(grid):
    assert grid.center_of(0) == (7.5, 7.5)
    assert grid.center_of(7) == (23.5, 23.5)
    for cell in range(24):
        assert grid.cell_at(*map(round, grid.center_of(cell))) == cell


def test_last_pixel_has_a_cell_where_sizes_do_not_divide():
    grid = CellGrid((37, 53), (13, 19), (13, 19), (3, 5))
    assert grid.cell_at(52, 36) == 14


def test_values_lie_where_their_cells_are(grid):
    values = grid.on_picture(np.arange(24, dtype=np.float32).reshape(4, 6))
    assert values.shape == (40, 80)
    for x, y in ((0, 0), (15, 31), (16, 32), (79, 39)):
        assert values[y, x] == grid.cell_at(x, y)
