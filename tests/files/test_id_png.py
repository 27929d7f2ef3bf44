import io

import cv2
import numpy as np
from PIL import Image

from mmseg_picie.files import encode_id_png


def test_ids_are_values_and_colors_are_shown():
    ids = np.array([[0, 1, 255]], np.uint8)
    data = encode_id_png(ids, [[200, 10, 20], [1, 2, 250]])
    image = Image.open(io.BytesIO(data))
    assert np.array_equal(np.array(image), ids)
    shown = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)[0, :, ::-1]
    assert shown.tolist() == [[200, 10, 20], [1, 2, 250], [0, 0, 0]]


def test_wide_ids_are_16_bit_gray():
    ids = np.array([[0, 300, 65535]], np.uint16)
    data = encode_id_png(ids, [[1, 2, 3]] * 301)
    found = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    assert found.dtype == np.uint16 and np.array_equal(found, ids)
