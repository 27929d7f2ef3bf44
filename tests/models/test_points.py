"""Maps as lists of points."""

import torch

from mmseg_picie.models import split_points
from mmseg_picie.models.points import to_points, valid_cells

MAPS = torch.arange(2 * 4 * 2 * 3.0).view(2, 4, 2, 3)  # (N, D, h, w)


def test_points_are_the_pixels_in_order():
    points = to_points(MAPS)
    assert points.shape == (12, 4)
    for row, (n, y, x) in enumerate(
        (n, y, x) for n in range(2) for y in range(2) for x in range(3)
    ):
        assert torch.equal(points[row], MAPS[n, :, y, x])


def test_cell_with_one_ignored_pixel_under_it_is_not_valid():
    ignore = torch.zeros(2, 6, 9, dtype=torch.bool)  # 3 x 3 pixels a cell
    ignore[0, 1, 5] = True  # row 0, column 1 of the first map
    ignore[1, 5, 0] = True  # row 1, column 0 of the second
    expected = torch.ones(2, 2, 3, dtype=torch.bool)
    expected[0, 0, 1] = expected[1, 1, 0] = False
    assert torch.equal(valid_cells(ignore, MAPS), expected.flatten())


def test_pixel_on_the_border_of_two_cells_is_under_both():
    ignore = torch.zeros(1, 1, 5, dtype=torch.bool)
    ignore[..., 2] = True  # of two cells of 2.5 pixels
    assert valid_cells(ignore, torch.zeros(1, 4, 1, 2)).tolist() == [False, False]


def test_all_cells_are_valid_without_a_mask():
    valid = valid_cells(None, MAPS)
    assert valid.dtype == torch.bool and valid.shape == (12,) and valid.all()


def test_split_keeps_the_valid_points_of_each_image():
    ignore = torch.zeros(2, 2, 3, dtype=torch.bool)
    ignore[0, 1, 2] = True
    ignore[1, 0] = True
    first, second = split_points(MAPS, ignore)
    points = to_points(MAPS)
    assert torch.equal(first, points[:5])
    assert torch.equal(second, points[9:])
    whole = split_points(MAPS, None)
    assert torch.equal(torch.cat(whole), points)
    assert [len(part) for part in whole] == [6, 6]
