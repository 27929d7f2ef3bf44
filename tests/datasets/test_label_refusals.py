"""Labels that cannot be meant, or not be read, are refused with the remedy."""

import cv2
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
    write_images,
)
from PIL import Image

from mmseg_picie.datasets import LabelFolder
from mmseg_picie.errors import InputError

MAPS = class_maps()


@pytest.fixture
def root(tmp_path):
    write_images(tmp_path)
    return tmp_path


def test_ids_that_the_table_lacks_are_counted_with_their_files(root):
    three = class_maps(classes=3)
    counts = [(three == 2).sum(), (three[0] == 2).sum()]
    path = root / 'ann/0.png'
    with pytest.raises(
        InputError,
        match=rf'has ids 0-1, .* others: 2 \({counts[0]} pixels in 3 files, such as '
        rf"{path}\); add them, with the name 'ignore'",
    ):
        labels_of(root, three, 'a,0\nb,1\n')
    three[1:] = 0
    with pytest.raises(InputError, match=rf'2 \({counts[1]} pixels in {path}\)'):
        labels_of(root, three, 'a,0\nb,1\n')


def test_colors_that_the_table_lacks_are_counted_with_their_files(root):
    three = class_maps(classes=3)
    count = (three == 2).sum()
    with pytest.raises(
        InputError, match=rf'hold others: #1ec81e \({count} pixels in 3 .*smoothing'
    ):
        labels_of(root, COLORS[three], 'a,0,0,0\nb,200,30,30\n')
    with pytest.raises(InputError, match=r'0\.png is in colors, and .* names no color'):
        labels_of(root, COLORS[three], 'a,0\nb,1\n')


MEANINGLESS = {
    r'hold one id alone \(0\)': np.zeros_like(MAPS),
    r'hold one id alone \(3\)': np.where(MAPS, 255, 3).astype(np.uint8),
    'every pixel of the labels in .* is 255': np.full_like(MAPS, 255),
    'hold 0, 127, which may be gray levels': MAPS * 127,
    'hold 0, 85, 170, which may': class_maps(classes=4) * 85,
    'hold 0, 1000, which may': MAPS.astype(np.uint16) * 1000,
}


@pytest.mark.parametrize('message', MEANINGLESS)
def test_what_cannot_be_meant_is_refused_with_the_remedy(root, message):
    with pytest.raises(InputError, match=f"{message}.*give a table with a line 'name"):
        labels_of(root, MEANINGLESS[message])


def test_0_and_255_alone_are_refused_where_there_are_three_classes(root):
    with pytest.raises(
        InputError, match=r'hold 0 and 255 alone, and classes has ids 0-2: if 255 is a'
    ):
        labels_of(root, MAPS * 255, classes=['a', 'b', 'c'])


def test_pictures_are_no_labels(root):
    size = (3, HEIGHT, WIDTH)
    rng = np.random.default_rng(0)
    with pytest.raises(InputError, match=r'0\.png holds \d+ values, as a gray picture'):
        labels_of(root, rng.integers(0, 255, size, np.uint8))
    with pytest.raises(InputError, match=r'0\.png holds 192 colors, as a picture'):
        labels_of(root, rng.integers(0, 255, (*size, 3), np.uint8))


def test_soft_borders_are_refused(root):
    masks = COLORS[np.kron(MAPS, np.ones((1, 9, 9), np.uint8))]
    size = masks.shape[1:3]
    write_images(root, size=size)
    for shade in range(9):
        masks[:, shade, 0] = [100 + shade, 15, 15]
    with pytest.raises(
        InputError, match=r'half of the 11 colors .* save the labels wi'
    ):
        labels_of(root, masks)


@pytest.mark.parametrize('options', [dict(suffix='.jpg'), dict(suffix='.webp')])
@pytest.mark.parametrize('given', [dict(), dict(classes=['a', 'b'])])
def test_ids_in_a_format_that_changes_values_are_refused(root, options, given):
    with pytest.raises(InputError, match=r'changes values \(JPEG or WebP\).* as PNG'):
        labels_of(root, MAPS * 9, **options, **given)


@pytest.mark.parametrize('suffix', ['.jpg', '.webp'])
@pytest.mark.parametrize('table', [None, 'a,0,0,0\nb,200,30,30\n'])
def test_colors_in_a_format_that_changes_values_are_refused(root, suffix, table):
    with pytest.raises(InputError, match=r'changes values \(JPEG or WebP\).* as PNG'):
        labels_of(root, COLORS[MAPS], table, suffix=suffix)


def test_exact_masks_in_jpeg_are_read(root):
    halves = np.zeros_like(MAPS)
    halves[:, 8:] = 255
    labels = labels_of(root, halves, suffix='.jpg', quality=100)
    assert np.array_equal(loaded(labels), halves // 255)


def test_transparent_and_other_pixels_are_refused(root):
    with pytest.raises(InputError, match=r'0\.png: transparent pixels may mean no cl'):
        labels_of(
            root,
            np.dstack([COLORS[MAPS[0]], np.full(MAPS[0].shape, 254)]).astype('u1')[
                None
            ],
        )


def test_other_kinds_of_pixels_are_refused(root):
    with pytest.raises(InputError, match=r'0\.tif: pixels of mode F, expected ids or'):
        labels_of(root, MAPS.astype(np.float32), suffix='.tif')


def test_names_that_may_begin_at_0_or_at_1_are_refused(root):
    message = 'labels hold 1-2, neither 0 nor 3, so the 3 names of classes may begin at'
    with pytest.raises(InputError, match=message):
        labels_of(root, MAPS + 1, classes=['a', 'b', 'c'])
    labels = labels_of(root, MAPS + 1, 'a,0\nb,1\nc,2\n')
    assert np.array_equal(loaded(labels), MAPS + 1)


def test_several_pictures_in_one_file_are_refused(root):
    pages = [Image.fromarray(ids) for ids in MAPS]
    with pytest.raises(InputError, match=r'0\.tif: 3 pictures in one file; replace'):
        labels_of(root, MAPS, suffix='.tif', save_all=True, append_images=pages[1:])


def test_colors_of_16_bits_are_refused(root):
    for name in NAMES:
        path = root / 'ann' / f'{name.rpartition(".")[0]}.png'
        path.parent.mkdir(parents=True, exist_ok=True)
        cv2.imwrite(str(path), np.ones((HEIGHT, WIDTH, 3), np.uint16))
    with pytest.raises(InputError, match=r'0\.png: 16 bits a channel are no color'):
        LabelFolder(root / 'img', root / 'ann')
