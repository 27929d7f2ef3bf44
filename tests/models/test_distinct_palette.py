import cv2
import numpy as np
import pytest

from mmseg_picie.models import distinct_palette
from mmseg_picie.models.distinct_palette import CHOSEN, VISIONS, to_lab


def least_distance(palette, vision=None):
    lab = to_lab(np.array(palette), vision)
    distances = np.linalg.norm(lab[:, None] - lab[None], axis=-1)
    return distances[np.triu_indices(len(lab), 1)].min()


@pytest.mark.parametrize('num_colors', [0, 1, 27, 1000, CHOSEN + 1, 5000])
def test_colors_are_all_different(num_colors):
    palette = distinct_palette(num_colors)
    assert len({tuple(color) for color in palette}) == len(palette) == num_colors


def test_colors_repeat_where_there_are_no_more():
    assert len(distinct_palette(20000)) == 20000


def test_a_color_does_not_depend_on_how_many_there_are():
    assert distinct_palette(33)[:7] == distinct_palette(7)
    assert distinct_palette(1500)[:600] == distinct_palette(600)


def test_colors_are_neither_dark_nor_gray():
    pixels = np.array(distinct_palette(1000), np.float32)[None] / 255
    lab = cv2.cvtColor(pixels, cv2.COLOR_RGB2LAB)[0]
    assert lab[:, 0].min() > 35 and lab[:, 0].max() < 95
    assert np.hypot(lab[:, 1], lab[:, 2]).min() > 20


# 2.3 is a difference that is just noticed.
@pytest.mark.parametrize('num_colors, least', [(7, 15), (20, 12), (100, 5)])
@pytest.mark.parametrize('vision', [None, *VISIONS])
def test_colors_are_told_apart_by_all_readers(num_colors, least, vision):
    assert least_distance(distinct_palette(num_colors), vision) > least


def test_lab_equals_opencv():
    colors = np.array(distinct_palette(50))
    expected = cv2.cvtColor(colors[None].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    assert np.allclose(to_lab(colors), expected[0], atol=0.5)


@pytest.mark.parametrize('vision', VISIONS)
def test_gray_looks_the_same_to_all_readers(vision):
    gray = np.array([[60, 60, 60], [200, 200, 200]])
    assert np.allclose(to_lab(gray, vision), to_lab(gray), atol=0.2)
