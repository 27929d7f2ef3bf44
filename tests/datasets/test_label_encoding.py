"""Labels stored in every way that people store them."""

import numpy as np
import pytest
from drawn_labels import (
    COLORS,
    class_maps,
    labels_of,
    loaded,
    save_palette,
    write_images,
)

from mmseg_picie.datasets import LabelFolder

MAPS = class_maps()


def gray_rgb(ids):
    return np.repeat(ids[..., None], 3, axis=2)


def with_alpha(pixels, alpha=255):
    alpha = np.full((*pixels.shape[:2], 1), alpha, np.uint8)
    return np.concatenate([pixels.reshape(*alpha.shape[:2], -1), alpha], axis=2)


ENCODINGS = {
    'ids 0 to 1': MAPS,
    'binary masks of 0 and 255, read as 0 and 1': MAPS * 255,
    'ids 1 to 2, read as classes 0 to 1 (0 never comes)': MAPS + 1,
    '2 colors without a table, each a class named by its color: #000000, #c81e1e': (
        COLORS[MAPS]
    ),
}


@pytest.fixture
def root(tmp_path):
    write_images(tmp_path)
    return tmp_path


@pytest.mark.parametrize('sentence', ENCODINGS)
def test_ids_masks_and_colors_give_one_class_map(root, sentence):
    labels = labels_of(root, ENCODINGS[sentence])
    assert np.array_equal(loaded(labels), MAPS)
    assert labels.encoding == sentence
    assert len(labels.classes) == len(labels.palette) == 2
    assert not labels.notes


@pytest.mark.parametrize(
    ('pixels', 'options'),
    [
        (MAPS.astype(bool), {}),
        (MAPS.astype(np.uint16), {}),
        (MAPS.astype(np.uint16) * 65535, {}),
        (MAPS.astype(np.uint16) + 1, dict(suffix='.tif')),
        (MAPS.astype(np.int32), dict(suffix='.tif')),
        ([gray_rgb(ids) for ids in MAPS], {}),
        ([gray_rgb(ids * 255) for ids in MAPS], dict(suffix='.BMP')),
        ([with_alpha(COLORS[ids]) for ids in MAPS], {}),
        ([with_alpha(ids) for ids in MAPS], {}),
        (COLORS[MAPS], dict(suffix='.webp', lossless=True)),
        (MAPS, dict(write=save_palette)),
    ],
)
def test_depths_channels_and_formats_give_one_class_map(root, pixels, options):
    assert np.array_equal(loaded(labels_of(root, pixels, **options)), MAPS)


def test_a_palette_gives_ids_and_colors(root):
    labels = labels_of(root, MAPS, write=save_palette)
    assert labels.palette == COLORS[:2].tolist()
    assert labels.classes == ('0', '1')


def test_palettes_that_differ_are_read_by_their_colors(root):
    save_palette(root / 'ann/0.png', MAPS[0])
    save_palette(root / 'ann/a/1.png', 1 - MAPS[1], COLORS[[1, 0]])
    labels = LabelFolder(root / 'img', root / 'ann')
    assert labels.names == ['0.jpg', 'a/1.jpg']
    assert np.array_equal(loaded(labels), MAPS[:2])


TABLES = {
    'background,0\ncell,1\n': MAPS,
    'background,1\ncell,2\n': MAPS + 1,
    'background,0\ncell,255\n': MAPS * 255,
    'background,3\ncell,1000\n': np.array([3, 1000], np.uint16)[MAPS],
    'background,0,0,0\ncell,200,30,30\n': COLORS[MAPS],
    'background:0,0,0::\ncell:200,30,30::\n': COLORS[MAPS],
    'background,0,0,0\ncell,255,255,255\n': MAPS * 255,
    'background,7,0,0,0\ncell,9,200,30,30\n': COLORS[MAPS],
}


@pytest.mark.parametrize('table', TABLES)
def test_a_table_names_the_classes(root, table):
    labels = labels_of(root, TABLES[table], table)
    assert labels.classes == ('background', 'cell')
    assert np.array_equal(loaded(labels), MAPS)
    assert str(root / 'table.csv') in labels.encoding


def test_a_table_of_colors_reads_a_palette_by_its_colors(root):
    table = 'cell,200,30,30\nbackground,0,0,0\n'
    labels = labels_of(root, MAPS, table, write=save_palette)
    assert labels.classes == ('cell', 'background')
    assert labels.palette == [[200, 30, 30], [0, 0, 0]]
    assert np.array_equal(loaded(labels), 1 - MAPS)


def test_a_table_of_colors_reads_black_and_white_files(root):
    table = 'background,0,0,0\ncell,255,255,255\n'
    assert np.array_equal(loaded(labels_of(root, MAPS.astype(bool), table)), MAPS)


def test_a_table_of_both_reads_ids_where_there_are_no_colors(root):
    table = 'background,7,0,0,0\ncell,9,200,30,30\n'
    labels = labels_of(root, 7 + 2 * MAPS, table)
    assert np.array_equal(loaded(labels), MAPS)
    assert labels.palette == [[0, 0, 0], [200, 30, 30]]


def test_masks_of_255_follow_a_table_of_0_and_1(root):
    labels = labels_of(root, MAPS * 255, 'cell,1\nbackground,0\n')
    assert np.array_equal(loaded(labels), 1 - MAPS)
    assert labels.encoding == (
        'binary masks of 0 and 255, read as 0 and 1: 0 = background, 255 = cell'
    )


def test_names_alone_follow_ids_from_0_or_from_1(root):
    three = class_maps(classes=3)
    for shift, sentence in ((0, 'ids by classes: 0 = a'), (1, 'ids from 1 by classes')):
        labels = labels_of(root, three + shift, classes=['a', 'b', 'c'])
        assert np.array_equal(loaded(labels), three)
        assert labels.classes == ('a', 'b', 'c')
        assert labels.encoding.startswith(sentence)


@pytest.mark.parametrize(
    'given', [dict(classes=['a', 'b']), dict(table='a,1\nb,2\n'), dict(table='a\nb\n')]
)
def test_0_says_nothing_where_ids_begin_at_1(root, given):
    three = class_maps(classes=3)
    labels = labels_of(root, three, **given)
    expected = np.array([255, 0, 1], np.uint8)[three]
    assert np.array_equal(loaded(labels), expected)
    share = 100 * (three == 0).mean()
    assert labels.encoding.endswith(f'; 0 says nothing ({share:.1f}% of the pixels)')


def test_255_says_nothing(root):
    partial = np.where(class_maps(classes=4) == 3, 255, class_maps(classes=4))
    share = 100 * (partial == 255).mean()
    for given in (dict(), dict(classes=['a', 'b', 'c']), dict(table='a,0\nb,1\nc,2\n')):
        labels = labels_of(root, partial, **given)
        assert np.array_equal(loaded(labels), partial)
        said = f'; 255 says nothing ({share:.1f}% of the pixels)'
        assert labels.encoding.endswith(said)
    deep = partial.astype(np.uint16)
    deep[partial == 255] = 65535
    assert np.array_equal(loaded(labels_of(root, deep)), partial)


def test_a_row_without_a_class_says_nothing(root):
    three = class_maps(classes=3)
    labels = labels_of(root, COLORS[three], 'a,0,0,0\nb,200,30,30\nignore,30,200,30\n')
    assert np.array_equal(loaded(labels), np.where(three == 2, 255, three))
    assert labels.classes == ('a', 'b')


def test_ids_that_never_come_are_said(root):
    maps = np.where(class_maps(classes=3) == 2, 3, class_maps(classes=3))
    labels = labels_of(root, maps)
    assert labels.classes == ('0', '1', '2', '3')
    assert labels.encoding == 'ids 0 to 3; no pixel of 2'
