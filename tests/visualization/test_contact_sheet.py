import cv2
import numpy as np
import pytest

from mmseg_picie.models import distinct_palette
from mmseg_picie.visualization import contact_sheet
from mmseg_picie.visualization.contact_sheet import GAP, MARGIN, SIDE

PALETTE = distinct_palette(2)
TOP = MARGIN + 22 + 18


def sheet(tmp_path, images, masks, **kwargs):
    path = tmp_path / 'new' / 'sheet.png'
    contact_sheet(images, masks, ['a', 'b'], PALETTE, path, **kwargs)
    return cv2.imread(str(path))


def test_images_stand_beside_their_masks(tmp_path):
    grays = [20, 60, 100, 140, 180]
    images = [np.full((40, 40, 3), gray, np.uint8) for gray in grays]
    ids = [0, 1, 0, 1, 255]
    masks = [np.full((40, 40), index, np.uint8) for index in ids]
    drawn = sheet(tmp_path, images, masks)
    colors = [*PALETTE, [205, 205, 205]]
    step = 2 * SIDE + GAP + 22
    for number, (gray, index) in enumerate(zip(grays, ids)):
        left = MARGIN + number % 3 * step
        row = TOP + number // 3 * (SIDE + 2 * GAP) + SIDE // 2
        assert drawn[row, left + SIDE // 2].tolist() == [gray] * 3
        mask = drawn[row, left + SIDE + GAP + SIDE // 2]
        assert mask.tolist() == colors[min(index, 2)][::-1]


def test_images_are_read_from_files(tmp_path):
    path = tmp_path / 'x.png'
    cv2.imwrite(str(path), np.full((30, 60, 3), 77, np.uint8))
    drawn = sheet(tmp_path, [path], [np.zeros((30, 60), np.uint8)], names=['x.png'])
    assert drawn[TOP + SIDE // 4, MARGIN + 5].tolist() == [77] * 3


def test_names_make_the_sheet_higher(tmp_path):
    images = [np.zeros((40, 40, 3), np.uint8)]
    masks = [np.zeros((40, 40), np.uint8)]
    plain = sheet(tmp_path, images, masks)
    named = sheet(tmp_path, images, masks, names=['x.jpg'])
    assert len(named) > len(plain)
    below = named[TOP + SIDE : TOP + SIDE + 16, MARGIN : MARGIN + SIDE]
    assert below.min() < 200


@pytest.mark.parametrize('masks, names', [(1, None), (2, ['a']), (0, None)])
def test_numbers_must_agree(tmp_path, masks, names):
    images = [np.zeros((4, 4, 3), np.uint8)] * min(masks * 2, 2)
    with pytest.raises(ValueError, match='as many images'):
        sheet(tmp_path, images, [np.zeros((4, 4), np.uint8)] * masks, names=names)
