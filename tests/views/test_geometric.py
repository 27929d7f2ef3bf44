import cv2
import numpy as np
import pytest
import torch

from mmseg_picie.views.geometric import (
    base_frame,
    crop_image,
    inverse_warp,
    resize,
    snap_to_grid,
    snap_to_pixels,
    warp,
)
from mmseg_picie.views.params import FULL_BOX, GeometricParams
from mmseg_picie.views.sampling import ViewRanges, draw_view_params

BOX = torch.tensor([[0.2, 0.1, 0.8, 0.7]])
NO_FLIP, FLIP = torch.tensor([False]), torch.tensor([True])
FULL = torch.tensor([FULL_BOX])


def coordinates(size):
    """x and y of every cell center in [0, 1], (1, 2, size, size), float64."""
    centers = (torch.arange(size, dtype=torch.float64) + 0.5) / size
    y, x = torch.meshgrid(centers, centers, indexing='ij')
    return torch.stack([x, y])[None]


@pytest.mark.parametrize('flip', [NO_FLIP, FLIP])
def test_warp_covers_the_same_window_at_two_resolutions(flip):
    fine = warp(coordinates(320), BOX, flip, (320, 320))
    coarse = warp(coordinates(80), BOX, flip, (80, 80))
    means = torch.nn.functional.avg_pool2d(fine, 4)
    interior = (..., slice(1, -1), slice(1, -1))
    assert (means - coarse)[interior].abs().max() < 1e-6


def test_warp_hits_the_window_the_formula_names():
    x0, y0, x1, y1 = BOX[0].double().tolist()
    u = (torch.arange(10, dtype=torch.float64) + 0.5) / 10
    warped = warp(coordinates(400), BOX, NO_FLIP, (10, 10))[0]
    assert torch.allclose(warped[0][5], x0 + u * (x1 - x0), atol=1e-6)
    assert torch.allclose(warped[1][:, 5], y0 + u * (y1 - y0), atol=1e-6)


def test_warp_of_features_is_the_crop_of_the_image():
    rng = np.random.default_rng(0)
    image = cv2.GaussianBlur(rng.random((64, 64)).astype(np.float32), (0, 0), 2)
    params, pixels = snap_to_pixels(GeometricParams((0.21, 0.13, 0.74, 0.66)), 64, 64)
    left, top, right, bottom = pixels
    size = (bottom - top, right - left)  # no resampling: equality to the pixel
    cropped = crop_image(image, pixels, True, size)
    warped = warp(
        torch.from_numpy(image)[None, None], torch.tensor([params.box]), FLIP, size
    )
    assert np.abs(warped[0, 0].numpy() - cropped).max() < 1e-5


def test_full_box_is_the_identity():
    features = torch.randn(1, 3, 8, 8, dtype=torch.float64)
    assert torch.allclose(warp(features, FULL, NO_FLIP, (8, 8)), features, atol=1e-12)


def test_flip_twice_is_the_identity():
    features = torch.randn(1, 3, 8, 8, dtype=torch.float64)
    once = warp(features, FULL, FLIP, (8, 8))
    assert torch.allclose(once, features.flip(3), atol=1e-12)
    assert torch.allclose(warp(once, FULL, FLIP, (8, 8)), features, atol=1e-12)


def test_each_sample_has_its_own_box_and_flip():
    features = torch.randn(1, 2, 16, 16).expand(2, -1, -1, -1)
    boxes = torch.cat([BOX, FULL])
    both = warp(features, boxes, torch.tensor([True, False]), (8, 8))
    assert torch.allclose(both[:1], warp(features[:1], BOX, FLIP, (8, 8)))
    assert torch.allclose(both[1:], warp(features[:1], FULL, NO_FLIP, (8, 8)))


@pytest.mark.parametrize('flip', [NO_FLIP, FLIP])
def test_inverse_of_warp_is_the_identity_on_the_valid_mask(flip):
    image = coordinates(160)
    restored, valid = inverse_warp(
        warp(image, BOX, flip, (160, 160)), BOX, flip, (160, 160)
    )
    # Half a cell at the border has no neighbor to interpolate with.
    inner = cv2.erode(valid[0].numpy().astype(np.uint8), np.ones((3, 3)))
    error = (restored - image)[0].abs().amax(0)
    assert error[torch.from_numpy(inner).bool()].max() < 1e-6
    assert (restored[0, :, ~valid[0]] == 0).all()


def test_valid_mask_is_the_box():
    _, valid = inverse_warp(torch.zeros(1, 1, 4, 4), BOX, NO_FLIP, (10, 10))
    expected = torch.zeros(10, 10, dtype=torch.bool)
    expected[1:7, 2:8] = True
    assert torch.equal(valid[0], expected)


def test_warp_is_differentiable():
    features = torch.randn(1, 2, 6, 6, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(
        lambda x: warp(x, BOX, FLIP, (4, 4)), (features,), atol=1e-6
    )


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
