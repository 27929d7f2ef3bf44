import cv2
import numpy as np
import pytest

from mmseg_picie.visualization.retrieval import (
    COLUMNS,
    GAP,
    TILE,
    MarkedImage,
    paint_heat,
    save_retrieval,
)

GRAY = np.full((40, 80, 3), 100, np.uint8)
HEAT = np.linspace(-1, 1, 32).reshape(4, 8).astype(np.float32)


def save(path, num_neighbors, caption='0.9 name'):
    neighbors = [MarkedImage(GRAY, (70, 30), caption)] * num_neighbors
    save_retrieval(path, MarkedImage(GRAY, (10, 20), 'query'), HEAT, neighbors)
    return cv2.imread(str(path))


def test_tiles_fill_rows(tmp_path):
    one, two = save(tmp_path / 'new' / 'a.png', 2), save(tmp_path / 'b.png', 3)
    assert one.shape[1] == two.shape[1] == COLUMNS * (TILE + GAP)
    assert len(two) == 2 * len(one)


def test_marks_lie_on_their_pixels(tmp_path):
    drawn = save(tmp_path / 'a.png', 1)
    scale = TILE / 80
    for column, (x, y) in ((0, (10, 20)), (2, (70, 30))):
        left = column * (TILE + GAP) + GAP // 2
        tile = drawn[GAP // 2 :, left : left + TILE][: int(40 * scale)]
        marked = np.argwhere((tile == (0, 255, 255)).all(2))
        center = (marked.min(0) + marked.max(0)) / 2
        assert np.allclose(center, [(y + 0.5) * scale, (x + 0.5) * scale], atol=1.5)


def test_heat_is_dark_at_its_least_and_bright_at_one():
    black = np.zeros((4, 8, 3), np.uint8)
    painted = paint_heat(black, HEAT).sum(2)
    assert painted[0, 0] < 20
    assert painted.argmax() == painted.size - 1


def test_long_name_keeps_number_and_end(tmp_path, monkeypatch):
    texts = []
    monkeypatch.setattr(cv2, 'putText', lambda image, text, *args: texts.append(text))
    save(tmp_path / 'a.png', 1, '0.987 ' + 'folder/' * 20 + 'image_7')
    assert texts[-1].startswith('0.987 ...')
    assert texts[-1].endswith('image_7')


def test_folder_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / 'a.png').mkdir()
    with pytest.raises(OSError, match='cannot write'):
        save(tmp_path / 'a.png', 1)
