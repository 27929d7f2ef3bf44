"""The released chain of operations, against Pillow's parts put together by hand."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image, ImageFilter

from mmseg_picie.views.chain import apply_chain, cut_view, square_frame, whole_view
from mmseg_picie.views.pair import make_views
from mmseg_picie.views.params import GeometricParams, PhotometricParams, ViewParams

ALONE = dict(
    brightness=PhotometricParams(brightness=1.25),
    contrast=PhotometricParams(contrast=0.75),
    saturation=PhotometricParams(saturation=1.3),
    hue=PhotometricParams(hue=-0.07),
    grayscale=PhotometricParams(grayscale=True),
    blur=PhotometricParams(blur_sigma=12.0),
)
FIRST = PhotometricParams(1.21, 0.83, 1.17, 0.06, False, 8.0)
SECOND = PhotometricParams(0.74, 1.28, 0.71, -0.09, True, 14.0)
BILINEAR = Image.Resampling.BILINEAR


@pytest.fixture
def image():
    """Full-range colors, which clip; smooth, so that resampling matters little."""
    noise = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    return np.array(Image.fromarray(noise).resize((128, 96), BILINEAR))


def operations_one_by_one(frame, params):
    """The chain on a BGR frame by blends, a lookup in HSV and a filter."""
    image = Image.fromarray(np.array(frame[..., ::-1]))
    black = Image.new('RGB', image.size)
    if params.brightness != 1:
        image = Image.blend(black, image, params.brightness)
    if params.contrast != 1:
        mean = int(np.array(image.convert('L')).mean() + 0.5)
        flat = Image.new('RGB', image.size, (mean, mean, mean))
        image = Image.blend(flat, image, params.contrast)
    if params.saturation != 1:
        gray = image.convert('L').convert('RGB')
        image = Image.blend(gray, image, params.saturation)
    if params.hue != 0:
        hsv = np.array(image.convert('HSV')).astype(int)
        hsv[..., 0] = (hsv[..., 0] + np.trunc(255 * params.hue).astype(int)) % 256
        bands = [Image.fromarray(band) for band in np.moveaxis(hsv, 2, 0).astype('u1')]
        image = Image.merge('HSV', bands).convert('RGB')
    if params.grayscale:
        image = image.convert('L').convert('RGB')
    if params.blur_sigma > 0:
        sigma = params.blur_sigma * frame.shape[1] / 640
        image = image.filter(ImageFilter.GaussianBlur(sigma))
    return np.array(image)[..., ::-1]


@pytest.mark.parametrize('params', [*ALONE.values(), FIRST, SECOND])
def test_chain_equals_the_operations_one_by_one(image, params):
    ours = apply_chain(image, params)
    assert ours.dtype == np.uint8
    assert np.array_equal(ours, operations_one_by_one(image, params))


@pytest.mark.parametrize('name', ALONE)
def test_each_operation_alone_changes_the_image(image, name):
    changed = np.abs(apply_chain(image, ALONE[name]).astype(int) - image)
    assert changed.max() > 0


def test_zero_strength_is_the_identity(image):
    assert np.array_equal(apply_chain(image, PhotometricParams()), image)


def test_hue_moves_by_whole_steps_towards_zero():
    pure = np.zeros((1, 1, 3), np.uint8)
    pure[..., 2] = 255  # red: H is 0
    for hue in (3.9 / 255, 3.1 / 255):
        turned = Image.fromarray(apply_chain(pure, PhotometricParams(hue=hue)))
        red_green_blue = np.array(turned)[0, 0, ::-1]
        # 3 of 256 steps of the circle, six of whose parts take green from 0 to 255.
        assert np.abs(red_green_blue - [255, 3 * 6 * 255 / 256, 0]).max() <= 1


@pytest.mark.parametrize('size', [(96, 128), (128, 96), (61, 200), (40, 40)])
def test_square_frame_is_the_center_of_the_resized_image(size):
    noise = np.random.default_rng(1).integers(0, 256, (*size, 3), dtype=np.uint8)
    long = int(64 * max(size) / min(size))
    height, width = (long, 64) if size[0] > size[1] else (64, long)
    resized = np.array(Image.fromarray(noise).resize((width, height), BILINEAR))
    start = round((long - 64) / 2)
    center = resized[start : start + 64] if height == long else resized
    center = center if width != long else center[:, start : start + 64]
    assert np.array_equal(square_frame(noise, 64), center)


@pytest.mark.parametrize('size', [(32, 32), (80, 80)])
def test_cut_view_is_a_crop_interpolated_by_itself(image, size):
    view = cut_view(image, (20, 8, 70, 58), True, size)
    crop = torch.from_numpy(image[8:58, 20:70]).permute(2, 0, 1)[None].float()
    expected = F.interpolate(crop, size, mode='bilinear', align_corners=False)
    expected = expected[0].flip(2).permute(1, 2, 0).numpy()
    assert np.abs(view - expected).max() < 0.501  # rounded


def test_whole_view_is_the_resize_of_pillow(image):
    expected = np.array(Image.fromarray(image).resize((48, 48), BILINEAR))
    assert np.array_equal(whole_view(image, (48, 48)), expected)


def test_views_are_colors_on_the_frame_then_the_crop(image):
    box = (0.21, 0.13, 0.74, 0.66)
    params = ViewParams(GeometricParams(box, True), FIRST, SECOND)
    views = make_views(
        image,
        params,
        (32, 32),
        chain=True,
        frame_size=64,
        feature_grid=8,
        plain_view1=True,
    )
    frame = square_frame(image, 64)
    # 0.53 of 64 px is 33; of the 31 left 13.85 and 8.57 lie before the crop.
    pixels = (14, 9, 47, 42)
    first = operations_one_by_one(frame, FIRST)
    second = operations_one_by_one(frame, SECOND)
    assert np.array_equal(views.view1, cut_view(first, pixels, True, (32, 32)))
    assert np.array_equal(views.train_view1, cut_view(frame, pixels, True, (32, 32)))
    assert np.array_equal(views.view2, whole_view(second, (32, 32)))
    # 0.53 of 8 cells is 4; of the 4 left 1.79 and 1.11 lie before the crop.
    assert np.allclose(views.box * 8, (2, 1, 6, 5)) and views.flip


def test_ignored_pixels_follow_the_frame(image):
    mask = np.zeros(image.shape[:2], bool)
    mask[:, 64:] = True  # right half
    params = ViewParams(GeometricParams(), PhotometricParams(), PhotometricParams())
    views = make_views(image, params, (24, 24), ignore_mask=mask, frame_size=48)
    expected = np.zeros((24, 24), bool)
    expected[:, 11:] = True  # the filter of the resize reaches a pixel further
    assert np.array_equal(views.ignore, expected)


def test_ignored_pixels_are_those_of_the_resized_frame():
    # 33 x 60 to short side 20: the released crop starts at 8 of 36 columns, where
    # the center square of the image starts at 13 / 60 * 36 = 7.8.
    rng = np.random.default_rng(0)
    mask = rng.random((33, 60)) < 0.05
    image = np.repeat(255 * mask[..., None].astype(np.uint8), 3, axis=2)
    params = ViewParams(GeometricParams(), PhotometricParams(), PhotometricParams())
    views = make_views(image, params, (20, 20), ignore_mask=mask, frame_size=20)
    # White where ignored: a pixel with any of it is not black, up to 8 bits.
    assert not (views.view1.any(2) & ~views.ignore).any()
    assert (views.ignore & ~views.view1.any(2)).mean() < 0.02
