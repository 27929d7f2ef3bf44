import itertools

import cv2
import numpy as np
import pytest
import torch

from mmseg_picie.errors import InputError
from mmseg_picie.views.geometric import crop_image, snap_to_pixels
from mmseg_picie.views.params import FULL_BOX, GeometricParams
from mmseg_picie.views.warping import inverse_warp, warp

BOX = torch.tensor([[0.2, 0.1, 0.8, 0.7]])
NO_FLIP, FLIP = torch.tensor([False]), torch.tensor([True])
FULL = torch.tensor([FULL_BOX])
WAYS = list(itertools.product([False, True], range(4)))  # flip, turns
FLIPS = torch.tensor([flip for flip, _ in WAYS])
TURNS = torch.tensor([turns for _, turns in WAYS])


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


# --- flips and turns --------------------------------------------------------------


@pytest.mark.parametrize(('flip', 'turns'), WAYS)
def test_pixels_and_features_are_warped_alike(flip, turns):
    # Cells are 4 x 4 pixels; the box lies on cells, the crop is not resampled.
    geometric = GeometricParams((0.25, 0.125, 0.75, 0.625), flip, turns)
    params, pixels = snap_to_pixels(geometric, 320, 320)
    image = coordinates(320)[0].permute(1, 2, 0).numpy()
    view = crop_image(image, pixels, params.flip, (160, 160), params.turns)
    means = view.reshape(40, 4, 40, 4, 2).mean((1, 3)).transpose(2, 0, 1)
    warped = warp(
        coordinates(80),
        torch.tensor([params.box]),
        torch.tensor([params.flip]),
        (40, 40),
        torch.tensor([params.turns]),
    )
    assert np.abs(means - warped[0].numpy()).max() < 1e-6


def test_each_map_is_laid_in_its_own_way():
    features = torch.randn(1, 2, 6, 6, dtype=torch.float64)
    together = warp(
        features.expand(8, -1, -1, -1), FULL.expand(8, -1), FLIPS, (6, 6), TURNS
    )
    for (flip, turns), map_ in zip(WAYS, together, strict=True):
        expected = features[0].flip(2) if flip else features[0]
        expected = torch.rot90(expected, turns, (1, 2))
        assert torch.allclose(map_, expected, atol=1e-12)
    rounded = {tuple(map_.flatten().round(decimals=6).tolist()) for map_ in together}
    assert len(rounded) == 8


def test_four_quarter_turns_are_the_identity():
    features = torch.randn(1, 3, 8, 8, dtype=torch.float64)
    turned = features
    for step in range(4):
        assert step == 0 or not torch.allclose(turned, features, atol=1e-3)
        turned = warp(turned, FULL, NO_FLIP, (8, 8), torch.tensor([1]))
    assert torch.allclose(turned, features, atol=1e-12)


@pytest.mark.parametrize(('flip', 'turns'), WAYS)
def test_inverse_brings_every_way_back(flip, turns):
    geometric = torch.tensor([flip]), (160, 160), torch.tensor([turns])
    image = coordinates(160)
    restored, valid = inverse_warp(warp(image, BOX, *geometric), BOX, *geometric)
    inner = cv2.erode(valid[0].numpy().astype(np.uint8), np.ones((3, 3)))
    error = (restored - image)[0].abs().amax(0)
    assert inner.sum() > 90 * 90
    assert error[torch.from_numpy(inner).bool()].max() < 1e-6
    assert (restored[0, :, ~valid[0]] == 0).all()
    expected = torch.zeros(160, 160, dtype=torch.bool)
    expected[16:112, 32:128] = True  # BOX of 160 cells: the mask is never turned
    assert torch.equal(valid[0], expected)


def test_no_turns_are_no_change_to_the_bit():
    features = torch.randn(2, 3, 8, 8)
    boxes, flips = torch.cat([BOX, FULL]), torch.tensor([True, False])
    plain = warp(features, boxes, flips, (8, 8))
    zero = torch.zeros(2, dtype=torch.int64)
    assert torch.equal(warp(features, boxes, flips, (8, 8), zero), plain)
    assert all(
        map(
            torch.equal,
            inverse_warp(features, boxes, flips, (8, 8), zero),
            inverse_warp(features, boxes, flips, (8, 8)),
        )
    )


def test_turned_warp_is_differentiable():
    features = torch.randn(8, 2, 5, 5, dtype=torch.float64, requires_grad=True)
    boxes = BOX.expand(8, -1)
    assert torch.autograd.gradcheck(
        lambda x: warp(x, boxes, FLIPS, (4, 4), TURNS), (features,), atol=1e-6
    )


def test_quarter_turn_of_maps_that_are_not_square_is_refused():
    features = torch.randn(1, 1, 4, 6)
    with pytest.raises(InputError, match='quarter turns need square'):
        warp(features, FULL, NO_FLIP, (4, 6), torch.tensor([1]))
    with pytest.raises(InputError, match='quarter turns need square'):
        inverse_warp(features, FULL, NO_FLIP, (4, 6), torch.tensor([3]))
    half = warp(features, FULL, NO_FLIP, (4, 6), torch.tensor([2]))
    assert torch.allclose(half, features.flip(2, 3), atol=1e-6)
