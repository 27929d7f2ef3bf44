import numpy as np
import pytest
from mask_cases import CLASSES, PALETTE, random_ids

from mmseg_picie.mask_files import Mask, make_writers


def read(tmp_path, mask):
    (writer,) = make_writers(['npz'], tmp_path, CLASSES, PALETTE, [mask.name])
    writer.write(mask)
    writer.close()
    with np.load(tmp_path / 'npz' / 'a' / 'x.npz', allow_pickle=False) as file:
        return dict(file)


@pytest.mark.parametrize('dtype', [np.float16, np.float32])
def test_ids_and_confidences_are_read_back(tmp_path, dtype):
    confidence = np.random.default_rng(0).random((13, 17)).astype(dtype)
    mask = Mask('a/x.jpg', None, random_ids(3), confidence)
    found = read(tmp_path, mask)
    assert np.array_equal(found['class_ids'], mask.class_ids)
    assert found['class_ids'].dtype == np.uint8
    assert np.array_equal(found['confidence'], confidence.astype(np.float16))
    assert found['classes'].tolist() == list(CLASSES)
    assert np.array_equal(found['palette'], PALETTE)
    assert found['ignore'] == 255


def test_no_confidence_is_no_array(tmp_path):
    found = read(tmp_path, Mask('a/x.jpg', None, random_ids(3)))
    assert 'confidence' not in found
