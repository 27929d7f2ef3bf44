"""Dense SIFT: OpenCV's descriptors at the places of a grid."""

import cv2
import numpy as np
import pytest
import torch

from mmseg_picie.models import DenseSIFT


def bars(height, width, vertical):
    """Stripes of 8 px, (1, 3, height, width), 0 and 200."""
    along = torch.arange(width if vertical else height) // 8 % 2 * 200.0
    shape = (1, 1, 1, -1) if vertical else (1, 1, -1, 1)
    return along.view(shape).expand(1, 3, height, width).clone()


def test_maps_have_the_grid_of_the_stride_rounded_up():
    maps = DenseSIFT(stride=4, patch_sizes=(8, 16))(torch.rand(2, 3, 30, 41) * 255)
    assert [tuple(m.shape) for m in maps] == [(2, 128, 8, 11)] * 2


def test_a_place_has_the_descriptor_of_its_patch():
    image = torch.randint(0, 256, (1, 1, 32, 48)).float().expand(1, 3, 32, 48)
    (descriptors,) = DenseSIFT(stride=8, patch_sizes=(18,))(image)
    # The center of the cell in row 2, column 3; 18 px are 6 diameters of 3 px.
    place = cv2.KeyPoint(27.5, 19.5, 3.0, 0.0)
    gray = image[0, 0].byte().numpy()
    _, expected = cv2.SIFT_create().compute(gray, [place])
    assert np.allclose(descriptors[0, :, 2, 3].detach(), expected[0] / 512)


def test_directions_are_told_apart_and_brightness_is_not():
    sift = DenseSIFT(stride=8, patch_sizes=(16,))
    (upright,), (lying,) = (sift(bars(64, 64, v)) for v in (True, False))
    # 8 directions are the last axis: gradients of upright bars point left or right.
    energy = upright.view(1, 16, 8, -1).square().sum((1, 3))[0]
    assert (energy[[0, 4]].sum() / energy.sum()) > 0.95
    energy = lying.view(1, 16, 8, -1).square().sum((1, 3))[0]
    assert (energy[[2, 6]].sum() / energy.sum()) > 0.95
    (dark,) = sift(bars(64, 64, True) / 2 + 20)
    assert torch.allclose(dark, upright, atol=0.02)


def test_a_descriptor_is_of_unit_length_or_nothing():
    (maps,) = DenseSIFT(patch_sizes=(12,))(torch.rand(1, 3, 32, 32) * 255)
    assert torch.allclose(maps.norm(dim=1), torch.ones(1, 8, 8), atol=0.02)
    (maps,) = DenseSIFT(patch_sizes=(12,))(torch.full((1, 3, 32, 32), 90.0))
    assert not maps.any()


def test_normalized_images_and_useless_options_are_refused():
    with pytest.raises(ValueError, match=r'from 0 to 255, got -1\.0 .*mean to'):
        DenseSIFT()(torch.full((1, 3, 16, 16), -1.0))
    with pytest.raises(ValueError, match='patch_sizes must hold a size'):
        DenseSIFT(patch_sizes=())
    with pytest.raises(ValueError, match='patch_sizes must be >= 4, got 3'):
        DenseSIFT(patch_sizes=(8, 3))
    with pytest.raises(ValueError, match='stride must be >= 1, got 0'):
        DenseSIFT(stride=0)
