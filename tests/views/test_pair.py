import cv2
import numpy as np
import pytest

from mmseg_picie.views.geometric import resize
from mmseg_picie.views.pair import make_views
from mmseg_picie.views.params import GeometricParams, PhotometricParams, ViewParams

NEUTRAL = PhotometricParams()


def params(box=(0.25, 0.25, 0.75, 0.75), flip=False, first=NEUTRAL, second=NEUTRAL):
    return ViewParams(GeometricParams(box, flip), first, second)


@pytest.fixture
def image():
    return np.random.default_rng(0).integers(0, 256, (96, 128, 3), dtype=np.uint8)


def test_view1_is_the_crop_and_view2_the_whole_frame(image):
    views = make_views(image, params(flip=True), (48, 48))
    square = image[:, 16:112]
    assert np.array_equal(views.view1, square[24:72, 24:72][:, ::-1])
    assert np.array_equal(views.view2, resize(square, (48, 48)))
    assert np.allclose(views.box, (0.25, 0.25, 0.75, 0.75)) and views.flip


def test_each_view_has_its_own_colors(image):
    gray = PhotometricParams(grayscale=True)
    views = make_views(image, params(second=gray), (48, 48))
    assert np.ptp(views.view2.astype(int), axis=2).max() == 0
    assert np.ptp(views.view1.astype(int), axis=2).max() > 0


def test_blur_is_that_of_the_base_frame_in_both_views(image):
    # 20 px of a frame of 640. View 1 shows half of a frame that would have 96 px at
    # its scale, view 2 all of one with 48.
    blur = PhotometricParams(blur_sigma=20.0)
    views = make_views(image, params(first=blur, second=blur), (48, 48))
    square = image[:, 16:112]
    crop, whole = square[24:72, 24:72], resize(square, (48, 48))
    assert np.array_equal(views.view1, cv2.GaussianBlur(crop, (0, 0), 3.0))
    assert np.array_equal(views.view2, cv2.GaussianBlur(whole, (0, 0), 1.5))


def test_full_frame_keeps_everything(image):
    views = make_views(image, params(box=(0, 0, 1, 1)), (96, 128), frame='full')
    assert np.array_equal(views.view1, image) and np.array_equal(views.view2, image)


def test_image_smaller_than_the_view_simply_works():
    tiny = np.full((3, 5, 3), 40, np.uint8)
    views = make_views(tiny, params(), (32, 32))
    assert views.view1.shape == views.view2.shape == (32, 32, 3)
    assert (views.view1 == 40).all()


def test_ignored_pixels_follow_the_crop_of_view1(image):
    mask = np.zeros(image.shape[:2], bool)
    mask[24:30, 40:46] = True  # the top left corner of the crop
    mask[40, 60] = True  # a quarter of a pixel of the view
    views = make_views(image, params(flip=True), (24, 24), ignore_mask=mask)
    expected = np.zeros((24, 24), bool)
    expected[:3, -3:] = True
    expected[8, -11] = True
    assert np.array_equal(views.ignore, expected)


@pytest.mark.parametrize('option', [dict(frame_size=32), dict(feature_grid=4)])
def test_option_that_needs_a_square_frame_is_refused_without(image, option):
    ((name, value),) = option.items()
    with pytest.raises(
        ValueError, match=f"{name}={value} needs frame='center', got 'f"
    ):
        make_views(image, params(), (8, 8), frame='full', **option)


def test_image_that_is_not_color_is_refused(image):
    with pytest.raises(ValueError, match=r'image must be \(H, W, 3\) uint8'):
        make_views(image[..., 0], params(), (8, 8))
