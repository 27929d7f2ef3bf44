import colorsys

import cv2
import numpy as np
import pytest

from mmseg_picie.views.params import PhotometricParams
from mmseg_picie.views.photometric import apply_photometric, color_matrix

LUMA_BGR = np.array([0.114, 0.587, 0.299])
ALONE = dict(
    brightness=PhotometricParams(brightness=1.2),
    contrast=PhotometricParams(contrast=0.8),
    saturation=PhotometricParams(saturation=0.7),
    hue=PhotometricParams(hue=0.08),
    grayscale=PhotometricParams(grayscale=True),
    blur=PhotometricParams(blur_sigma=2.0),
)


@pytest.fixture
def image():
    rng = np.random.default_rng(0)
    # Mid-range colors: nothing clips under moderate operations.
    return rng.integers(90, 160, (64, 64, 3), dtype=np.uint8)


def mean_of(image):
    return image.reshape(-1, 3).mean(0)


def apply(image, params):
    return apply_photometric(image, params, mean_of(image), frame_size=640)


def test_infrared_is_brightened_and_keeps_its_mean_but_has_no_hue(image):
    rng = np.random.default_rng(1)
    infrared = rng.integers(90, 160, (64, 64, 1), dtype=np.uint8)
    params = PhotometricParams(1.1, 0.85, 1.2, 0.05, True)
    both = np.concatenate([image, infrared], 2)
    means = both.reshape(-1, 4).mean(0)
    found = apply_photometric(both, params, means, frame_size=640)
    colors = apply(image, params).astype(int)
    assert np.abs(found[..., :3] - colors).max() <= 1  # OpenCV rounds otherwise
    bright = 1.1 * infrared[..., 0].astype(float)
    expected = 0.85 * bright + 0.15 * bright.mean()
    assert np.abs(found[..., 3] - expected).max() <= 0.51  # rounded
    same = apply_photometric(both, PhotometricParams(), means, frame_size=640)
    assert np.array_equal(same, both)
    blurred = apply_photometric(both, ALONE['blur'], means, frame_size=640)
    assert blurred[..., 3].std() < infrared.std() / 2


@pytest.mark.parametrize('name', ALONE)
def test_each_operation_alone_changes_a_textured_image(image, name):
    changed = np.abs(apply(image, ALONE[name]).astype(int) - image)
    assert changed.mean() > 1


def test_zero_strength_is_the_identity(image):
    assert np.array_equal(apply(image, PhotometricParams()), image)


def test_matrix_equals_the_operations_one_by_one(image):
    params = PhotometricParams(1.1, 0.85, 1.2, 0.05, True)
    for gray in (False, True):
        params = PhotometricParams(1.1, 0.85, 1.2, 0.05, gray)
        pixels = image.reshape(-1, 3).astype(float) * 1.1
        pixels = 0.85 * pixels + 0.15 * (pixels @ LUMA_BGR).mean()
        pixels = 1.2 * pixels - 0.2 * (pixels @ LUMA_BGR)[:, None]
        pixels = np.array([rotate_yiq(p[::-1], 0.05)[::-1] for p in pixels])
        if gray:
            pixels = np.repeat((pixels @ LUMA_BGR)[:, None], 3, 1)
        matrix = color_matrix(params, mean_of(image))
        ours = image.reshape(-1, 3) @ matrix[:, :3].T + matrix[:, 3]
        assert np.abs(ours - pixels).max() < 0.01


def rotate_yiq(rgb, turns):
    """Hue as a rotation in the standard library's YIQ, unclipped."""
    r, g, b = np.array(rgb) / 255
    y = 0.299 * r + 0.587 * g + 0.114 * b
    i = 0.595716 * r - 0.274453 * g - 0.321263 * b
    q = 0.211456 * r - 0.522591 * g + 0.311135 * b
    chroma = complex(i, q) * np.exp(-2j * np.pi * turns)
    i, q = chroma.real, chroma.imag
    return 255 * np.array(
        [
            y + 0.9563 * i + 0.6210 * q,
            y - 0.2721 * i - 0.6474 * q,
            y - 1.1070 * i + 1.7046 * q,
        ]
    )


@pytest.mark.parametrize('rgb', [(200, 60, 60), (60, 200, 60), (60, 60, 200)])
@pytest.mark.parametrize('shift', [-0.1, 0.1])
def test_hue_turns_the_way_hsv_does(rgb, shift):
    matrix = color_matrix(PhotometricParams(hue=shift), np.zeros(3))
    turned = (np.array(rgb[::-1]) @ matrix[:, :3].T + matrix[:, 3])[::-1]
    before = colorsys.rgb_to_hsv(*np.array(rgb) / 255)[0]
    after = colorsys.rgb_to_hsv(*np.clip(turned, 0, 255) / 255)[0]
    moved = (after - before + 0.5) % 1 - 0.5
    # YIQ and HSV measure angles differently; direction and size must agree.
    assert 0.4 < moved / shift < 2.0


def test_contrast_keeps_the_mean_luma_of_the_base_frame(image):
    matrix = color_matrix(PhotometricParams(contrast=0.5), mean_of(image))
    changed = image.reshape(-1, 3) @ matrix[:, :3].T + matrix[:, 3]
    assert np.isclose((changed @ LUMA_BGR).mean(), mean_of(image) @ LUMA_BGR)


def test_blur_scales_with_the_pixels_it_runs_on(image):
    params = PhotometricParams(blur_sigma=2.0)
    half = apply_photometric(image, params, mean_of(image), frame_size=320)
    assert np.array_equal(half, cv2.GaussianBlur(image, (0, 0), 1.0))
