"""Ids to classes."""

import cv2
import numpy as np
import pytest
from PIL import Image

from mmseg_picie.datasets.transforms.remap_labels import RemapLabels


def sample(labels, table=(1, 255, 0), **kwargs):
    labels = np.asarray(labels, np.uint8)
    return (
        dict(
            img=np.zeros((*labels.shape[:2], 3), np.uint8),
            ori_shape=labels.shape[:2],
            gt_seg_map=labels,
            seg_map_path='ann/x.png',
            label_table=table,
        )
        | kwargs
    )


def test_ids_follow_the_table_and_255_stays():
    results = RemapLabels()(sample([[0, 1, 2], [255, 2, 0]]))
    assert results['gt_seg_map'].tolist() == [[1, 255, 0], [255, 0, 1]]
    assert results['gt_seg_map'].dtype == np.uint8


def test_no_label_is_no_error():
    results = dict(img=np.zeros((2, 2, 3), np.uint8))
    assert RemapLabels()(results) is results


def test_ids_outside_the_encoding_are_named_with_the_file():
    with pytest.raises(
        ValueError, match=r'ann/x\.png has ids \[3, 254\] .*\(0-2 and 255\); check seg'
    ):
        RemapLabels()(sample([[0, 3], [254, 255]]))
    with pytest.raises(ValueError, match=r'has ids \[0\]'):
        RemapLabels()(sample([[0, 255]], table=()))


def test_a_sample_without_table_is_refused():
    results = sample([[0]])
    del results['label_table']
    with pytest.raises(ValueError, match='no label_table comes with ann/x.png'):
        RemapLabels()(results)


def test_a_color_picture_is_no_annotation():
    message = r"ann/x\.png has shape \(2, 2, 3\).*type='ImageFolderDataset'"
    with pytest.raises(ValueError, match=message):
        RemapLabels()(sample(np.zeros((2, 2, 3))))


def test_the_label_has_the_size_of_the_image_or_of_its_file():
    labels = [[0, 1, 2]]
    RemapLabels()(sample(labels, img=np.zeros((9, 27, 3), np.uint8)))
    RemapLabels()(sample(labels, ori_shape=(9, 27)))
    with pytest.raises(ValueError, match=r'\(1, 3\), its image as loaded \(3, 1\)'):
        RemapLabels()(
            sample(labels, img=np.zeros((3, 1, 3), np.uint8), ori_shape=(3, 1))
        )


def test_sixteen_bits_are_refused_since_they_would_wrap(tmp_path):
    path = str(tmp_path / 'a.png')
    cv2.imwrite(path, np.full((2, 2), 256, np.uint16))
    with pytest.raises(ValueError, match=r'a\.png has 16 bits'):
        RemapLabels()(sample([[0, 0], [0, 0]], seg_map_path=path))


def turned_image(tmp_path, orientation, size=(2, 3)):
    path = tmp_path / 'a.jpg'
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.new('RGB', size[::-1]).save(path, exif=exif.tobytes())
    image = cv2.imread(str(path))
    return dict(img=image, ori_shape=image.shape[:2], img_path=str(path))


@pytest.mark.parametrize('orientation', [2, 3, 4, 6])
def test_a_label_of_an_image_that_exif_turns_is_refused(tmp_path, orientation):
    image = turned_image(tmp_path, orientation)
    with pytest.raises(
        ValueError,
        match=rf'a\.jpg is turned by its EXIF \(orientation {orientation}\).*ann/x\.pn',
    ):
        RemapLabels()(sample([[0, 1, 2], [2, 1, 0]], **image))
    with pytest.raises(ValueError, match='by its EXIF'):
        RemapLabels()(
            sample([[0, 1], [2, 1]], **turned_image(tmp_path, orientation, (2, 2)))
        )


def test_a_label_that_lies_on_the_turned_image_passes(tmp_path):
    image = turned_image(tmp_path, 6)
    labels = RemapLabels()(sample([[0, 1], [2, 1], [0, 0]], **image))['gt_seg_map']
    assert labels.shape == image['ori_shape'] == (3, 2)
    image = turned_image(tmp_path, 1)
    assert 'gt_seg_map' in RemapLabels()(sample([[0, 1, 2], [2, 1, 0]], **image))
