"""Labels of images that EXIF turns."""

import numpy as np
import pytest
from drawn_labels import save
from PIL import Image, ImageOps

from mmseg_picie.datasets import LabelFolder
from mmseg_picie.errors import InputError

# Neither symmetric nor square: every turn shows.
IDS = np.zeros((8, 12), np.uint8)
IDS[:2, :9], IDS[3:, :1] = 1, 2


def shown(pixels, orientation):
    """What a viewer makes of stored pixels, by Pillow."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(pixels)
    image.info['exif'] = exif.tobytes()
    return np.asarray(ImageOps.exif_transpose(image))


def write(root, orientations, drawn_on='stored', ids=IDS):
    """An image for each orientation, its label drawn on stored or shown pixels."""
    for code in orientations:
        exif = Image.Exif()
        exif[0x0112] = code
        picture = np.repeat(80 * ids[..., None], 3, axis=2)
        save(root / 'img' / f'{code}.jpg', picture, exif=exif.tobytes(), quality=95)
        label = ids if drawn_on == 'stored' else shown(ids, code)
        save(root / 'ann' / f'{code}.png', label)
    return root


@pytest.mark.parametrize('drawn_on', ['stored', 'shown'])
def test_sizes_tell_whether_labels_are_turned(tmp_path, drawn_on):
    root = write(tmp_path, range(1, 9), drawn_on)
    labels = LabelFolder(root / 'img', root / 'ann')
    for code in range(1, 9):
        expected = shown(IDS, code)
        assert np.array_equal(labels.load(f'{code}.jpg'), expected), code
    if drawn_on == 'stored':
        assert labels.notes == [
            'EXIF turns 7 of 8 images and not their labels, such as 2.jpg: these '
            'labels are turned alike'
        ]
    else:
        assert not labels.notes


@pytest.mark.parametrize('orientation', [2, 3, 4])
def test_a_turn_that_no_size_tells_is_refused(tmp_path, orientation):
    root = write(tmp_path, [1, orientation])
    message = rf'{orientation}\.jpg is turned by its EXIF \(orientation {orientation}\)'
    with pytest.raises(
        InputError, match=message + r'.*ann/\d\.png.*store the image tu'
    ):
        LabelFolder(root / 'img', root / 'ann')


def test_a_square_image_that_is_turned_is_refused(tmp_path):
    root = write(tmp_path, [6], ids=IDS[:, :8])
    with pytest.raises(InputError, match=r'turned by its EXIF \(orientation 6\)'):
        LabelFolder(root / 'img', root / 'ann')


def test_labels_of_both_kinds_leave_an_unseen_turn_open(tmp_path):
    root = write(tmp_path, [5, 3])
    write(tmp_path, [6], 'shown')
    with pytest.raises(InputError, match=r'3\.jpg is turned by its EXIF'):
        LabelFolder(root / 'img', root / 'ann')
    (root / 'ann/3.png').unlink()
    labels = LabelFolder(root / 'img', root / 'ann')
    for code in (5, 6):
        assert np.array_equal(labels.load(f'{code}.jpg'), shown(IDS, code))


def test_a_label_that_fits_neither_way_is_named_with_sizes(tmp_path):
    root = write(tmp_path, [6])
    save(root / 'ann/6.png', IDS[:5])
    with pytest.raises(
        InputError, match=r'6\.png is \(5, 12\), its image .* \(12, 8\)'
    ):
        LabelFolder(root / 'img', root / 'ann')


def test_an_image_that_is_none_is_named(tmp_path):
    root = write(tmp_path, [1, 6])
    (root / 'img/1.jpg').write_text('text')
    with pytest.raises(InputError, match=r'image .*img/1\.jpg: cannot identify'):
        LabelFolder(root / 'img', root / 'ann')
