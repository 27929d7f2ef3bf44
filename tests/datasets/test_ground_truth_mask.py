"""Training pixels chosen by their labels, where a comparison asks for that."""

import cv2
import numpy as np
import pytest
from mmseg.registry import DATASETS
from small_run import train_loader, write_camvid

from mmseg_picie.datasets.transforms import IgnoreUnlabeledPixels
from mmseg_picie.errors import InputError


def test_pixels_without_a_class_are_left_out():
    labels = np.array([[0, 255, 3], [255, 1, 0]], np.uint8)
    masks = [None, np.array([[1, 0, 0], [1, 0, 0]], bool)]
    for mask in masks:
        results = dict(gt_seg_map=labels)
        if mask is not None:
            results['ignore_mask'] = mask
        found = IgnoreUnlabeledPixels()(results)['ignore_mask']
        expected = labels == 255 if mask is None else (labels == 255) | mask
        assert found.dtype == bool and np.array_equal(found, expected)


def test_an_image_without_labels_is_refused():
    with pytest.raises(InputError, match=r'needs labels: .*data_prefix\.seg_map_path'):
        IgnoreUnlabeledPixels()(dict(img=np.zeros((2, 2, 3), np.uint8)))


def test_views_of_a_data_set_carry_the_mask(tmp_path):
    write_camvid(tmp_path)
    cfg = train_loader(tmp_path, 2)['dataset']
    cfg['data_prefix'] = dict(img_path='img', seg_map_path='ann')
    load, views, pack = cfg['pipeline']
    views = dict(views, crop_ratio=(1.0, 1.0), flip_prob=0.0, size=40)
    steps = [dict(type='LoadAnnotations'), dict(type='RemapLabels')]
    steps += [dict(type='IgnoreUnlabeledPixels'), views, pack]
    dataset = DATASETS.build(dict(cfg, pipeline=[load, *steps]))
    path = dataset.get_data_info(0)['seg_map_path']
    labels = cv2.imread(path, cv2.IMREAD_UNCHANGED)
    labels[3:9, 10:30] = 255
    cv2.imwrite(path, labels)
    ignore = dataset[0]['inputs']['ignore'].numpy()
    # Views see the center square of an image of 40 x 56 pixels.
    assert np.array_equal(ignore, (labels == 255)[:, 8:48])
    assert 0 < ignore.sum() == 6 * 20
