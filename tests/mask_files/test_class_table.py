import csv

import numpy as np
import pytest
from mask_cases import CLASSES, PALETTE, random_ids

from mmseg_picie.errors import InputError
from mmseg_picie.mask_files import ClassTable, Mask
from mmseg_picie.mask_files.class_table import ROWS


@pytest.mark.parametrize(
    'classes, palette, message',
    [
        ([], [], '1 to 65535 classes'),
        (['a'], [[1, 2, 3], [4, 5, 6]], '1 classes and 2 colors'),
        (['a', 'b', 'a'], [[1, 2, 3], [4, 5, 6], [7, 8, 9]], 'same name'),
        (['a', 'b'], [[1, 2, 3], (1, 2, 3)], r'0 \(a\) and 1 \(b\).*same color'),
        (['a'], [[1, 2]], 'three integers'),
        (['a'], [[1, 2, 256]], 'three integers'),
    ],
)
def test_classes_that_cannot_be_told_apart_are_refused(classes, palette, message):
    with pytest.raises(InputError, match=message):
        ClassTable(classes, palette)


def test_areas_count_the_pixels_of_each_class():
    ids = random_ids(3, (ROWS + 9, 11))
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


def test_colors_by_id_are_black_without_class():
    table = ClassTable(CLASSES, PALETTE).color_table()
    assert table.shape == (256, 3)
    assert np.array_equal(table[:3], PALETTE)
    assert not table[3:].any()


def test_the_csv_table_survives_commas_in_names():
    table = ClassTable(['a, "b"', 'c'], PALETTE[:2])
    rows = list(csv.reader(table.as_csv().decode().splitlines()))
    assert rows == [
        ['id', 'name', 'color'],
        ['0', 'a, "b"', '#e6141e'],
        ['1', 'c', '#28dc3c'],
        ['255', '(no class)', '#000000'],
    ]
