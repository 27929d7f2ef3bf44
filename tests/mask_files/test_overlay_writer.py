import cv2
import numpy as np
import pytest
from mask_cases import CLASSES, PALETTE, random_ids

from mmseg_picie.errors import InputError
from mmseg_picie.mask_files import Mask, make_writers


def test_overlays_are_pictures_of_the_image_and_its_mask(tmp_path):
    image = tmp_path / 'x.png'
    cv2.imwrite(str(image), np.full((120, 120, 3), 90, np.uint8))
    (writer,) = make_writers(['overlay'], tmp_path / 'out', CLASSES, PALETTE, ['x.png'])
    writer.write(Mask('x.png', image, random_ids(3, (120, 120))))
    writer.close()
    drawn = cv2.imread(str(tmp_path / 'out/overlays/x.jpg'))
    assert drawn.shape[0] > 480 and drawn.shape[1] == 2 * 480 + 8
    assert np.abs(drawn[10:470, 10:470].astype(int) - 90).max() < 5
    assert drawn[10:470, 500:960].std() > 20
    assert writer.is_done('x.png')


def test_an_array_has_no_overlay(tmp_path):
    (writer,) = make_writers(['overlay'], tmp_path, CLASSES, PALETTE)
    with pytest.raises(InputError, match='x.png is no file'):
        writer.write(Mask('x.png', None, random_ids(3)))
