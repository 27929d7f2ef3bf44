import numpy as np
import pytest

from mmseg_picie.errors import InputError
from mmseg_picie.mask_files import Mask, id_dtype, ignore_id

IDS = np.zeros((2, 3), np.uint8)


@pytest.mark.parametrize(
    'num_classes, dtype, ignore',
    [(1, np.uint8, 255), (255, np.uint8, 255), (256, np.uint16, 65535)],
)
def test_ids_are_as_wide_as_the_classes_need(num_classes, dtype, ignore):
    assert id_dtype(num_classes) == dtype
    assert ignore_id(num_classes) == ignore


def test_a_mask_outside_the_folder_is_refused():
    with pytest.raises(InputError, match=r"'\.\./x\.jpg'"):
        Mask('../x.jpg', None, IDS)


@pytest.mark.parametrize(
    'ids', [IDS.astype(np.int64), IDS[0], IDS[None], np.zeros((0, 3), np.uint8)]
)
def test_ids_of_another_shape_or_type_are_refused(ids):
    with pytest.raises(ValueError, match='class_ids must be'):
        Mask('x.jpg', None, ids)


@pytest.mark.parametrize(
    'confidence, message',
    [
        (np.zeros((3, 2), np.float32), 'shape of class_ids'),
        (np.zeros((2, 3), np.float64), 'float16 or float32'),
    ],
)
def test_confidence_of_another_shape_or_type_is_refused(confidence, message):
    with pytest.raises(ValueError, match=message):
        Mask('x.jpg', None, IDS, confidence)
