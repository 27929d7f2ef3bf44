import numpy as np
import pytest

from mmseg_picie.models import distinct_palette
from mmseg_picie.visualization import legend
from mmseg_picie.visualization.fonts import fit_text, text_width
from mmseg_picie.visualization.legend import LISTED, share


def shows(picture, color):
    return bool((picture == np.array(color)[::-1]).all(-1).any())


def test_legend_shows_the_classes_that_occur():
    palette = distinct_palette(3)
    picture = legend({0: 5, 2: 5}, ['a', 'b', 'c'], palette, 300)
    assert picture.shape[1] == 300
    assert [shows(picture, color) for color in palette] == [True, False, True]


def test_the_largest_classes_are_listed():
    palette = distinct_palette(100)
    names = [f'cluster_{index}' for index in range(100)]
    areas = {index: 100 + index for index in range(100)}
    picture = legend(areas, names, palette, 800)
    shown = [index for index in range(100) if shows(picture, palette[index])]
    assert shown == list(range(100 - LISTED, 100))


def test_no_class_stands_for_one_more():
    palette = distinct_palette(LISTED + 1)
    areas = {index: 100 - index for index in range(LISTED + 1)}
    picture = legend(areas, ['x'] * len(palette), palette, 800)
    assert all(shows(picture, color) for color in palette)


@pytest.mark.parametrize('width', [130, 320, 1600])
def test_long_names_stay_inside(width):
    names = ['a very long name of a class ' * 4, 'b']
    picture = legend({0: 3, 1: 2}, names, distinct_palette(2), width)
    assert picture.shape[1] == width
    assert (picture[:, -4:] == 255).all()


@pytest.mark.parametrize(
    'part, total, text',
    [(1, 1, '100 %'), (1, 3, '33 %'), (1, 100, '1 %'), (1, 101, '< 1 %')],
)
def test_shares_are_per_cent(part, total, text):
    assert share(part, total) == text


def test_text_is_cut_to_its_width():
    assert fit_text('road', 15, 100) == 'road'
    assert fit_text('a\nb\tc', 15, 100) == 'a b c'
    cut = fit_text('pavement of stones', 15, 80)
    assert cut.endswith('…') and 'pavement'.startswith(cut[:4])
    assert 40 < text_width(cut, 15) <= 80
