"""Five crops of each image as samples of their own."""

import cv2
import numpy as np
import pytest
from mmengine.registry import init_default_scope

from mmseg_picie.datasets import FiveCrops, ImageFolderDataset, number_samples
from mmseg_picie.errors import InputError

HEIGHT, WIDTH = 10, 16
PLAIN = dict(jitter_prob=0.0, grayscale_prob=0.0, blur_prob=0.0, flip_prob=0.0)


@pytest.fixture
def folder(tmp_path):
    init_default_scope('mmseg')
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (2, HEIGHT, WIDTH, 3), dtype='u1')
    for index, image in enumerate(images):
        cv2.imwrite(str(tmp_path / f'{index}.png'), image)
    return tmp_path, images


def build(root, ratio, size, frame='full'):
    views = dict(type='PairedViews', size=size, frame=frame, crop_ratio=(1, 1), **PLAIN)
    steps = [dict(type='LoadImageFromFile'), views, dict(type='PackViews')]
    leaf = ImageFolderDataset(
        data_root=str(root), data_prefix=dict(img_path=''), pipeline=steps
    )
    return FiveCrops(leaf, ratio)


def test_samples_are_the_corners_and_the_center(folder):
    root, images = folder
    data = build(root, 0.5, size=(5, 8))
    number_samples(data)
    assert len(data) == 10
    for index, sample in enumerate(data.__getitems__(range(10))):
        image = images[index // 5]
        top, left = [(0, 0), (0, 8), (5, 0), (5, 8), (2, 4)][index % 5]
        expected = image[top : top + 5, left : left + 8]
        view = sample['inputs']['view1'].permute(1, 2, 0).numpy()
        assert np.array_equal(view, expected), index


def test_ratio_1_is_the_whole_image_five_times(folder):
    root, images = folder
    data = build(root, 1.0, size=(HEIGHT, WIDTH))
    for index in range(5):
        view = data[index]['inputs']['view1'].permute(1, 2, 0).numpy()
        assert np.array_equal(view, images[0])


def test_ignored_pixels_are_cut_with_the_image(folder):
    data = build(folder[0], 0.5, size=(5, 8))
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[7, 12] = True  # in the lower right corner alone
    steps = data.dataset.pipeline.transforms
    steps.insert(1, lambda results: dict(results, ignore_mask=mask))
    counts = [int(data[index]['inputs']['ignore'].sum()) for index in range(5)]
    assert counts == [0, 0, 0, 1, 0]


def test_crops_have_draws_of_their_own(folder):
    data = build(folder[0], 0.5, size=5, frame='center')
    data.dataset.pipeline.transforms[2].ranges.__dict__['crop_ratio'] = (0.2, 1.0)
    number_samples(data)
    boxes = [sample['inputs']['box'].tolist() for sample in data.__getitems__(range(5))]
    assert len({tuple(box) for box in boxes}) == 5


@pytest.mark.parametrize('ratio', [0, -0.5, 1.5])
def test_ratio_out_of_range_is_named(folder, ratio):
    with pytest.raises(InputError, match=f'FiveCrops.ratio .* got {ratio}'):
        build(folder[0], ratio, size=5)


def test_pipeline_without_views_is_refused(folder):
    leaf = ImageFolderDataset(
        data_root=str(folder[0]), data_prefix=dict(img_path=''), pipeline=[]
    )
    with pytest.raises(InputError, match='PairedViews'):
        FiveCrops(leaf)
