import cv2
import numpy as np
import pytest
from mask_cases import CLASSES, PALETTE, make_masks, random_ids
from PIL import Image

from mmseg_picie.errors import InputError
from mmseg_picie.mask_files import Mask, make_writers

NAMES = ['left/0.jpg', 'right/0.jpg', 'gray.jpg', 'gray.png']


def write(out, masks, names=None, classes=CLASSES, palette=PALETTE):
    (writer,) = make_writers(['png'], out, classes, palette, names)
    for mask in masks:
        writer.write(mask)
    writer.close()
    return writer


@pytest.mark.parametrize(
    'names, files',
    [
        (NAMES, ['left/0.png', 'right/0.png', 'gray.jpg.png', 'gray.png.png']),
        (None, [f'{name}.png' for name in NAMES]),
    ],
)
def test_every_image_has_its_own_mask_with_every_pixel(tmp_path, names, files):
    masks = make_masks(NAMES)
    write(tmp_path, masks, names)
    for mask, file in zip(masks, files):
        read = Image.open(tmp_path / 'masks' / file)
        assert read.mode == 'P'
        assert np.array_equal(np.array(read), mask.class_ids)
    assert len(list((tmp_path / 'masks').rglob('*.png'))) == len(NAMES)


def test_a_viewer_shows_the_colors_of_the_classes(tmp_path):
    ids = np.array([[2, 0, 1, 255]], np.uint8)
    write(tmp_path, [Mask('x.jpg', None, ids)], ['x.jpg'])
    shown = cv2.imread(str(tmp_path / 'masks/x.png'))[0, :, ::-1]
    assert shown.tolist() == [*map(list, (PALETTE[2], *PALETTE[:2])), [0, 0, 0]]


def test_more_than_255_classes_take_16_bits(tmp_path):
    classes = [f'c{index}' for index in range(256)]
    palette = [(index, 255 - index, 9) for index in range(256)]
    ids = random_ids(256, (40, 40))
    write(tmp_path, [Mask('x.jpg', None, ids)], None, classes, palette)
    read = cv2.imread(str(tmp_path / 'masks/x.jpg.png'), cv2.IMREAD_UNCHANGED)
    assert read.dtype == np.uint16 and np.array_equal(read, ids)


def test_a_stopped_run_knows_what_is_done(tmp_path):
    write(tmp_path, make_masks(NAMES[:1]), NAMES)
    (again,) = make_writers(['png'], tmp_path, CLASSES, PALETTE, NAMES)
    assert [again.is_done(name) for name in NAMES] == [True, False, False, False]


def test_a_name_that_was_not_listed_is_refused(tmp_path):
    with pytest.raises(ValueError, match='x.jpg is not in the list'):
        write(tmp_path, make_masks(['x.jpg']), NAMES)


def test_nothing_is_left_beside_a_mask(tmp_path):
    write(tmp_path, make_masks(['x.jpg']))
    files = {path.name for path in (tmp_path / 'masks').iterdir()}
    assert files == {'x.jpg.png', 'classes.csv'}


@pytest.mark.parametrize('formats', [['tiff'], []])
def test_an_unknown_format_is_refused(tmp_path, formats):
    with pytest.raises(InputError, match='overlay'):
        make_writers(formats, tmp_path, CLASSES, PALETTE)
