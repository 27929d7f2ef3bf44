import csv

import numpy as np
import pytest
from mask_cases import CLASSES, PALETTE, random_ids

from mmseg_picie.errors import InputError
from mmseg_picie.mask_files import ClassTable, Mask
from mmseg_picie.models import distinct_palette


@pytest.mark.parametrize(
    'classes, palette, message',
    [
        ([], [], '1 to 65535 classes'),
        (['a'], [[1, 2, 3], [4, 5, 6]], '1 classes and 2 colors'),
        (['a', 'b', 'a'], [[1, 2, 3], [4, 5, 6], [7, 8, 9]], "0 and 2 .*same name 'a'"),
        (['a'], [[1, 2]], 'three integers'),
        (['a'], [[1, 2, 256]], 'three integers'),
    ],
)
def test_classes_that_cannot_be_told_apart_are_refused(classes, palette, message):
    with pytest.raises(InputError, match=message):
        ClassTable(classes, palette)


@pytest.mark.parametrize(
    'palette, kept',
    [
        ([[1, 2, 3], (1, 2, 3), [1, 2, 3]], [0]),
        ([[0, 0, 0], [5, 6, 7], [0, 0, 0]], [1]),
        (distinct_palette(1) * 2 + distinct_palette(2)[1:], [0, 2]),
    ],
)
def test_black_and_repeated_colors_are_replaced(palette, kept):
    found = ClassTable(CLASSES, palette).colors
    assert len({*found, (0, 0, 0)}) == 4
    assert [i for i in range(3) if found[i] == tuple(palette[i])] == kept


def test_colors_that_differ_stay_and_many_are_told_apart():
    assert ClassTable(CLASSES, PALETTE).colors == PALETTE
    names = [str(index) for index in range(20_000)]
    assert len(set(ClassTable(names, [[7, 7, 7]] * 20_000).colors)) == 20_000


def test_areas_count_the_pixels_of_each_class():
    ids = random_ids(3, (300, 11))
    areas = ClassTable(CLASSES, PALETTE).areas(Mask('x', None, ids))
    assert areas == {index: (ids == index).sum() for index in range(3)}


def test_an_id_without_class_is_refused():
    mask = Mask('x.jpg', None, np.array([[0, 3]], np.uint8))
    with pytest.raises(ValueError, match='x.jpg has class id 3'):
        ClassTable(CLASSES, PALETTE).areas(mask)


def test_ids_of_another_width_are_refused():
    mask = Mask('x.jpg', None, np.array([[0]], np.uint16))
    with pytest.raises(ValueError, match='must be uint8'):
        ClassTable(CLASSES, PALETTE).areas(mask)


def test_the_csv_table_survives_commas_in_names():
    table = ClassTable(['a, "b"', 'c'], PALETTE[:2])
    rows = list(csv.reader(table.as_csv().decode().splitlines()))
    assert rows == [
        ['id', 'name', 'color'],
        ['0', 'a, "b"', '#e6141e'],
        ['1', 'c', '#28dc3c'],
        ['255', '(no class)', '#000000'],
    ]
