"""Crops of clusters: square, outlined, where the cluster is."""

import numpy as np
import pytest

from mmseg_picie.visualization import draw_crop
from mmseg_picie.visualization.cluster_cards import LEAST, MARGIN, SIDE


def crop_of(shape, rows, columns, part=None):
    """A crop whose pixels tell their row (blue) and column (green)."""
    y, x = np.mgrid[: shape[0], : shape[1]]
    image = np.stack([y, x, 0 * x], 2).astype(np.uint8)
    box = (slice(*rows), slice(*columns))
    if part is None:
        part = np.zeros(shape, bool)
        part[box] = True
    return draw_crop(image, part, box)


def test_a_crop_has_the_part_in_its_middle_and_a_margin():
    crop = crop_of((200, 250), (60, 140), (100, 140))
    assert crop.shape == (SIDE, SIDE, 3)
    side = round(80 * (1 + 2 * MARGIN))
    corners = crop[[0, -1], [0, -1]].astype(int)
    assert np.allclose(corners[:, 0], [100 - side // 2, 100 + side // 2 - 1], atol=1)
    assert np.allclose(corners[:, 1], [120 - side // 2, 120 + side // 2 - 1], atol=1)


@pytest.mark.parametrize('shape', [(60, 250), (250, 60)])
def test_a_crop_of_a_long_part_shows_where_most_of_it_is(shape):
    part = np.zeros(shape, bool)
    long = part if shape[0] < shape[1] else part.T
    long[30, 10:230] = True  # a line, and a block at its end
    long[10:50, 180:220] = True
    box = [(10, 50), (10, 230)]
    crop = crop_of(shape, *(box if long is part else box[::-1]), part)
    # Along an edge of the crop, where there is no outline.
    shown = crop[0, :, 1] if long is part else crop[:, 0, 0]
    assert shown.min() <= 180 and shown.max() >= 219
    assert shown.max() - shown.min() == 59


def test_a_small_part_is_shown_with_its_surroundings():
    crop = crop_of((200, 200), (100, 103), (100, 103)).astype(int)
    assert crop[-1, -1, 0] - crop[0, 0, 0] == LEAST - 1


def test_the_outline_goes_around_the_part():
    image = np.full((100, 100, 3), 128, np.uint8)
    part = np.zeros((100, 100), bool)
    part[30:70, 30:70] = True
    crop = draw_crop(image, part, (slice(30, 70), slice(30, 70)))
    bright = (crop == (0, 255, 255)).all(2)
    rows, columns = np.nonzero(bright)
    scale = SIDE / round(40 * (1 + 2 * MARGIN))
    for found in (rows, columns):
        expected = np.array([10 * scale, 50 * scale])
        assert np.allclose([found.min(), found.max()], expected, atol=2)
    assert (crop[SIDE // 2, SIDE // 2] == 128).all()
