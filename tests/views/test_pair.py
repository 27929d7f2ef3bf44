import cv2
import numpy as np
import pytest
import torch

from mmseg_picie.errors import InputError
from mmseg_picie.views.geometric import resize
from mmseg_picie.views.pair import make_views
from mmseg_picie.views.params import GeometricParams, PhotometricParams, ViewParams
from mmseg_picie.views.warping import warp

NEUTRAL = PhotometricParams()


BOX = (0.25, 0.25, 0.75, 0.75)


def params(box=BOX, flip=False, first=NEUTRAL, second=NEUTRAL, turns=0):
    return ViewParams(GeometricParams(box, flip, turns), first, second)


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


@pytest.mark.parametrize('chain', [False, True])
def test_turns_follow_the_flip_of_view1_and_leave_view2(image, chain):
    mask = np.zeros(image.shape[:2], bool)
    mask[40:46, 40:64] = True  # the top left part of the crop
    options = dict(chain=chain, ignore_mask=mask, plain_view1=True)
    upright = make_views(image, params(), (48, 48), **options)
    turned = make_views(image, params(flip=True, turns=1), (48, 48), **options)
    assert (turned.flip, turned.turns) == (True, 1)
    for name in ('view1', 'train_view1', 'ignore'):
        expected = np.rot90(getattr(upright, name)[:, ::-1])
        assert np.array_equal(getattr(turned, name), expected)
    assert upright.ignore.any() and not upright.ignore.all()
    assert np.array_equal(turned.view2, upright.view2)
    assert np.array_equal(turned.box, upright.box)


@pytest.mark.parametrize('turns', range(4))
def test_turned_full_frame_of_a_square_view_agrees_with_the_warp(turns):
    # A frame that is not square is stretched to the view, then turned.
    y, x = np.mgrid[0:60, 0:120]
    ramp = np.dstack([2 * x, 4 * y, x + y]).astype(np.uint8)
    views = make_views(ramp, params(turns=turns), (24, 24), frame='full')
    features = torch.from_numpy(views.view2).permute(2, 0, 1)[None].double()
    warped = warp(
        features,
        torch.from_numpy(views.box)[None],
        torch.tensor([views.flip]),
        (24, 24),
        torch.tensor([views.turns]),
    )
    inner = (slice(2, -2), slice(2, -2))
    shown = warped[0].permute(1, 2, 0).numpy()
    # 8-bit levels, rounded in both.
    assert np.abs(shown - views.view1)[inner].max() < 2.5


def test_quarter_turn_of_a_view_that_is_not_square_is_refused(image):
    with pytest.raises(InputError, match='quarter turns need square views'):
        make_views(image, params(turns=1), (96, 128), frame='full')
    half = make_views(image, params((0, 0, 1, 1), turns=2), (96, 128), frame='full')
    assert np.array_equal(half.view1, image[::-1, ::-1])


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


def test_infrared_is_cut_as_the_colors_are(image):
    infrared = np.concatenate([image, image[..., :1]], 2)
    draws = params(flip=True, turns=1)
    found = make_views(infrared, draws, (8, 8), plain_view1=True)
    expected = make_views(image, draws, (8, 8), plain_view1=True)
    for name in ('view1', 'view2', 'train_view1'):
        own, colors = getattr(found, name), getattr(expected, name)
        assert np.array_equal(own[..., :3], colors)
        assert np.array_equal(own[..., 3], colors[..., 0])


def test_infrared_and_the_released_chain_are_refused(image):
    infrared = np.concatenate([image, image[..., :1]], 2)
    for options in (dict(chain=True), dict(frame_size=32)):
        with pytest.raises(InputError, match=r'\(H, W, 3\) uint8, got .*, 4\)'):
            make_views(infrared, params(), (8, 8), **options)
