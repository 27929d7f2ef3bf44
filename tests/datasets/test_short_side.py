"""Resizing by the short side."""

import cv2
import numpy as np
import pytest

from mmseg_picie.datasets.transforms.short_side import (
    CenterCropShortSide,
    ResizeShortSide,
)


def columns(height, width):
    """Image and label that both hold the column index."""
    grid = np.tile(np.arange(width, dtype=np.uint8), (height, 1))
    return dict(
        img=np.repeat(grid[..., None], 3, axis=2),
        gt_seg_map=grid.copy(),
        ori_shape=(height, width),
        img_shape=(height, width),
    )


@pytest.mark.parametrize('shape', [(60, 100), (100, 60)])
def test_crop_without_scaling_is_the_center_square(shape):
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (*shape, 3), np.uint8)
    labels = rng.integers(0, 27, shape, np.uint8)
    results = CenterCropShortSide(60)(dict(img=image, gt_seg_map=labels))
    rows, cols = (slice((side - 60) // 2, (side - 60) // 2 + 60) for side in shape)
    assert np.array_equal(results['img'], image[rows, cols])
    assert np.array_equal(results['gt_seg_map'], labels[rows, cols])
    assert results['ori_shape'] == results['img_shape'] == (60, 60)
    assert results['frame'] == 'center'
    assert results['img'].flags.c_contiguous


@pytest.mark.parametrize('size', [20, 30, 64, 90, 150])
@pytest.mark.parametrize('interpolation', ['auto', 'bilinear', 'area'])
def test_image_and_label_stay_aligned(size, interpolation):
    results = CenterCropShortSide(size, interpolation)(columns(90, 150))
    # Output pixel i covers source columns 30 + [i, i + 1) 90 / size.
    center = 30 + (np.arange(size) + 0.5) * 90 / size
    assert np.array_equal(results['gt_seg_map'], np.tile(np.floor(center), (size, 1)))
    inside = slice(2, -2)
    error = results['img'][:, inside, 0] - (center - 0.5)[inside]
    # cv2's fixed point rounds coarsely; half an output pixel would shift the mean.
    assert np.abs(error).max() < 1
    assert abs(error.mean()) < 0.15


def test_labels_are_never_mixed():
    results = columns(90, 150)
    results['gt_seg_map'] = (results['gt_seg_map'] % 2 * 200).astype(np.uint8)
    for size in (31, 77, 200):
        resized = CenterCropShortSide(size)(results.copy())['gt_seg_map']
        assert resized.shape == (size, size)
        assert set(np.unique(resized)) <= {0, 200}


@pytest.mark.parametrize('transform', [CenterCropShortSide, ResizeShortSide])
def test_no_label_is_no_error(transform):
    results = columns(40, 60)
    del results['gt_seg_map']
    assert 'gt_seg_map' not in transform(20)(results)


def test_the_whole_image_keeps_ratio_label_and_original_shape():
    results = columns(90, 150)
    labels = results['gt_seg_map'].copy()
    results = ResizeShortSide(32)(results)
    assert results['img'].shape == (32, 53, 3)  # 150 * 32 / 90 = 53.3
    assert results['img_shape'] == (32, 53)
    assert results['ori_shape'] == (90, 150)
    assert np.array_equal(results['gt_seg_map'], labels)
    assert results['scale_factor'] == (53 / 150, 32 / 90)
    assert ResizeShortSide(32)(columns(150, 90))['img'].shape == (53, 32, 3)


def test_shrinking_averages_pixels_unless_told_otherwise():
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    mean = image.reshape(16, 4, 16, 4, 3).mean((1, 3))
    default = ResizeShortSide(16)(dict(img=image))['img']
    assert np.abs(default - mean).max() <= 1
    linear = ResizeShortSide(16, 'bilinear')(dict(img=image))['img']
    expected = cv2.resize(image, (16, 16), interpolation=cv2.INTER_LINEAR)
    assert np.array_equal(linear, expected)
    assert np.abs(linear - mean).max() > 20


@pytest.mark.parametrize('transform', [CenterCropShortSide, ResizeShortSide])
def test_the_ignore_mask_follows_the_image(transform):
    results = columns(64, 64)
    mask = np.zeros((64, 64), bool)
    mask[9, 30] = True
    results['ignore_mask'] = mask
    resized = transform(16)(results)['ignore_mask']
    assert resized.dtype == bool
    assert np.argwhere(resized).tolist() == [[9 // 4, 30 // 4]]


@pytest.mark.parametrize('transform', [CenterCropShortSide, ResizeShortSide])
def test_bad_arguments_are_named(transform):
    with pytest.raises(ValueError, match='size must be >= 1, got 0'):
        transform(0)
    with pytest.raises(ValueError, match="interpolation must be one of .* got 'cubic'"):
        transform(8, interpolation='cubic')
