"""Sizes and turns, against what OpenCV makes of a file."""

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from mmseg_picie.files import image_header, turn

PICTURE = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3) * 3


def save(path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    Image.fromarray(PICTURE).save(path, exif=exif.tobytes())
    return path


@pytest.mark.parametrize('orientation', range(1, 9))
def test_a_turn_is_that_of_other_readers(tmp_path, orientation):
    path = save(tmp_path / 'a.png', orientation)
    header = image_header(path)
    assert header.size == (4, 6)
    assert header.orientation == orientation
    with Image.open(path) as image:
        shown = np.asarray(ImageOps.exif_transpose(image))
    assert header.shown == shown.shape[:2]
    assert np.array_equal(turn(PICTURE, header.orientation), shown)
    assert cv2.imread(str(path)).shape == shown.shape


@pytest.mark.parametrize('suffix', ['.jpg', '.png', '.tif', '.webp'])
def test_the_orientation_of_every_kind_of_file_is_found(tmp_path, suffix):
    header = image_header(save(tmp_path / f'a{suffix}', 6))
    assert header == ((4, 6), 6)


def test_no_or_an_unknown_orientation_is_as_stored(tmp_path):
    Image.fromarray(PICTURE).save(tmp_path / 'a.bmp')
    assert image_header(tmp_path / 'a.bmp') == ((4, 6), 1)
    assert image_header(save(tmp_path / 'b.jpg', 9)).orientation == 1
    assert np.array_equal(turn(PICTURE, 1), PICTURE)


def test_what_is_no_image_is_an_error(tmp_path):
    (tmp_path / 'a.jpg').write_text('text')
    with pytest.raises(OSError, match='cannot identify'):
        image_header(tmp_path / 'a.jpg')
