"""Which labels belong to which images, and whether they fit."""

import pickle

import numpy as np
import pytest
from drawn_labels import (
    COLORS,
    HEIGHT,
    NAMES,
    WIDTH,
    class_maps,
    labels_of,
    loaded,
    save,
    write_images,
    write_labels,
)

from mmseg_picie.datasets import LabelFolder
from mmseg_picie.errors import InputError

MAPS = class_maps()


@pytest.fixture
def root(tmp_path):
    write_images(tmp_path)
    return tmp_path


def test_a_label_has_the_path_of_its_image_with_any_suffix(root):
    for name, suffix, ids in zip(NAMES, ('.tif', '.PNG', '.bmp'), MAPS):
        save(root / 'ann' / (name.rpartition('.')[0] + suffix), ids)
    labels = LabelFolder(root / 'img', root / 'ann')
    assert labels.names == NAMES
    assert np.array_equal(loaded(labels), MAPS)
    assert labels.label_path('a/1.jpg') == root / 'ann/a/1.PNG'


def test_a_broken_label_is_named(root):
    write_labels(root / 'ann', ['0.jpg'], MAPS)
    path = root / 'ann/0.png'
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=r'ann/0\.png is truncated; replace'):
        LabelFolder(root / 'img', root / 'ann')
    path.write_text('text')
    with pytest.raises(InputError, match=r'ann/0\.png: cannot identify'):
        LabelFolder(root / 'img', root / 'ann')


def test_images_without_label_are_left_out_and_labels_without_image_are_said(root):
    save(root / 'ann/a/1.png', MAPS[1])
    save(root / 'ann/b/7.png', MAPS[1])
    save(root / 'ann/.trash/0.png', MAPS[1])
    labels = LabelFolder(root / 'img', root / 'ann')
    assert labels.names == ['a/1.jpg']
    assert labels.notes == [
        f'{root}/ann/.trash is left out: it is hidden: its name begins with a dot',
        '1 of 2 labels have no image, such as b/7.png',
    ]
    with pytest.raises(InputError, match=r"'0\.jpg' has no label in .*/ann$"):
        labels.load('0.jpg')


def test_no_two_labels_and_no_two_images_go_together(root):
    write_labels(root / 'ann', ['0.jpg'], MAPS)
    save(root / 'ann/0.bmp', MAPS[0])
    with pytest.raises(InputError, match=r'0\.jpg has two labels .*0\.bmp and 0\.png'):
        LabelFolder(root / 'img', root / 'ann')
    (root / 'ann/0.bmp').unlink()
    write_images(root, ['0.bmp'])
    with pytest.raises(InputError, match=r"0\.png .* any of \['0\.bmp', '0\.jpg'\]"):
        LabelFolder(root / 'img', root / 'ann')


def test_folders_that_do_not_fit_are_named(root):
    write_labels(root / 'ann', ['x/0.jpg'], MAPS)
    with pytest.raises(
        InputError, match=r'such as x/0\.png\) has the .*such as 0\.jpg'
    ):
        LabelFolder(root / 'img', root / 'ann')
    with pytest.raises(FileNotFoundError, match='folder of labels .*/none does not ex'):
        LabelFolder(root / 'img', root / 'none')
    (root / 'empty').mkdir()
    with pytest.raises(InputError, match='folder of images .*/empty holds no image'):
        LabelFolder(root / 'empty', root / 'ann')
    with pytest.raises(InputError, match='give a table or classes, not both'):
        LabelFolder(root / 'img', root / 'ann', 'table.csv', ['a'])


def test_a_label_of_another_size_is_named_with_both_sizes(root):
    save(root / 'ann/0.png', np.zeros((WIDTH, HEIGHT), np.uint8))
    with pytest.raises(
        InputError, match=r'0\.png is \(16, 12\), its image .*0\.jpg \(12, 16\) \(heig'
    ):
        LabelFolder(root / 'img', root / 'ann')


def test_a_value_that_comes_later_is_refused(root):
    labels = labels_of(root, MAPS)
    save(root / 'ann/0.png', MAPS[0] * 7)
    with pytest.raises(InputError, match=r'0\.png holds 7, which was in no label'):
        labels.load('0.jpg')


def test_worker_processes_may_have_a_copy(root):
    labels = pickle.loads(pickle.dumps(labels_of(root, COLORS[MAPS])))
    assert np.array_equal(loaded(labels), MAPS)


def test_labels_may_have_one_ending_more(root):
    for name, ids in zip(NAMES, MAPS):
        save(root / 'ann' / (name.rpartition('.')[0] + '_mask.png'), ids)
    labels = LabelFolder(root / 'img', root / 'ann')
    assert labels.notes == ["labels have the names of their images with '_mask' added"]
    assert np.array_equal(loaded(labels), MAPS)
    save(root / 'ann/1_other.png', MAPS[0])
    with pytest.raises(InputError, match='no label of .* has the name of an image'):
        LabelFolder(root / 'img', root / 'ann')


def test_an_ending_is_set_apart_from_the_name(root):
    write_labels(root / 'ann', ['01.jpg'], MAPS)
    with pytest.raises(InputError, match=r'such as 01\.png\) has the name of an image'):
        LabelFolder(root / 'img', root / 'ann')


def test_images_are_not_their_own_labels(root):
    (root / 'link').symlink_to(root / 'img')
    with pytest.raises(
        InputError, match='images and labels are in one folder, .*/img;'
    ):
        LabelFolder(root / 'img', root / 'link')
