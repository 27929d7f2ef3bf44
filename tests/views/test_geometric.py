import numpy as np
import pytest

from mmseg_picie.errors import InputError
from mmseg_picie.views.geometric import (
    base_frame,
    crop_image,
    resize,
    snap_to_grid,
    snap_to_pixels,
)
from mmseg_picie.views.params import FULL_BOX, GeometricParams
from mmseg_picie.views.sampling import ViewRanges, draw_view_params


def test_snapped_box_lies_on_pixel_edges_and_is_never_empty():
    rng = np.random.default_rng(1)
    for _ in range(200):
        size = int(rng.integers(1, 40))
        x0, y0 = rng.random(2) * 0.5
        params, (left, top, right, bottom) = snap_to_pixels(
            GeometricParams((x0, y0, x0 + 0.5, y0 + 0.5)), size, size
        )
        assert 0 <= left < right <= size and 0 <= top < bottom <= size
        assert np.allclose(np.array(params.box) * size, (left, top, right, bottom))


@pytest.mark.parametrize(
    'cells, edges',
    # Side 0.53 rounded down: 42 and 339. Of the 38 and 301 cells left 0.21 / 0.47 and
    # 0.13 / 0.47 lie before the crop: 16.98 and 10.51, 134.49 and 83.26, rounded.
    [(80, (17, 11, 59, 53)), (640, (134, 83, 473, 422))],
)
def test_box_on_a_grid_keeps_its_share_of_what_is_left(cells, edges):
    params = snap_to_grid(GeometricParams((0.21, 0.13, 0.74, 0.66), True), cells)
    assert np.allclose(np.array(params.box) * cells, edges) and params.flip


def test_whole_box_on_a_grid_stays_whole():
    assert snap_to_grid(GeometricParams(), 80).box == FULL_BOX


def test_two_grids_displace_the_views_by_part_of_a_cell():
    # docs/reference.md R3: about half a cell of the view, up to 2.7.
    errors = []
    for index in range(2000):
        drawn = draw_view_params(0, 0, index, ViewRanges()).geometric
        fine, coarse = (np.array(snap_to_grid(drawn, n).box) for n in (640, 80))
        side = 80 * (drawn.box[2] - drawn.box[0])
        share = np.linspace(0, 1, 9)[:, None]
        ends = 80 * (fine - coarse) * 80 / side
        errors.append(np.abs(ends[:2] + share * (ends[2:] - ends[:2])))
    assert 0.35 < np.mean(errors) < 0.55
    assert 2 < np.max(errors) < 3


def test_base_frame_is_the_center_square():
    image = np.arange(6 * 10).reshape(6, 10)
    assert np.array_equal(base_frame(image, 'center'), image[:, 2:8])
    assert np.array_equal(base_frame(image.T, 'center'), image.T[2:8])
    odd = np.arange(5 * 8).reshape(5, 8)  # of 3 columns left over, 1 is cut before
    assert np.array_equal(base_frame(odd, 'center'), odd[:, 1:6])
    assert base_frame(image, 'full') is image
    with pytest.raises(ValueError, match="frame must be one of .*'middle'"):
        base_frame(image, 'middle')


def test_resize_averages_where_it_shrinks():
    image = np.random.default_rng(0).random((6, 9)).astype(np.float32)
    means = image.reshape(2, 3, 3, 3).mean((1, 3))
    assert np.allclose(resize(image, (2, 3)), means, atol=1e-6)


def test_resize_averages_one_axis_and_interpolates_the_other():
    image = np.random.default_rng(0).random((6, 4)).astype(np.float32)
    means = image.reshape(2, 3, 4).mean(1)
    places = (np.arange(8) + 0.5) / 2 - 0.5  # in cells of the 4
    expected = [np.interp(places, np.arange(4), row) for row in means]
    assert np.allclose(resize(image, (2, 8)), expected, atol=1e-6)


@pytest.mark.parametrize('flip', [False, True])
@pytest.mark.parametrize('turns', range(4))
def test_crop_is_flipped_then_turned_counterclockwise(flip, turns):
    image = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    expected = image[1:5, 2:6]
    if flip:
        expected = expected[:, ::-1]
    for _ in range(turns):  # the last column becomes the first row
        expected = expected.transpose(1, 0, 2)[::-1]
    cropped = crop_image(image, (2, 1, 6, 5), flip, (4, 4), turns)
    assert np.array_equal(cropped, expected)


def test_quarter_turn_of_a_crop_that_is_not_square_is_refused():
    image = np.zeros((6, 8), np.uint8)
    with pytest.raises(InputError, match=r'quarter turns need square.*\(4, 6\)'):
        crop_image(image, (0, 0, 8, 6), False, (4, 6), turns=3)
    # Half a turn fits.
    assert crop_image(image, (0, 0, 8, 6), False, (4, 6), turns=2).shape == (4, 6)


def test_snapping_keeps_flip_and_turns():
    drawn = GeometricParams((0.21, 0.13, 0.74, 0.66), True, 3)
    for snapped in (snap_to_grid(drawn, 8), snap_to_pixels(drawn, 30, 40)[0]):
        assert (snapped.flip, snapped.turns) == (True, 3)
