"""Tables of classes, in the forms that people have them."""

import json

import pytest

from mmseg_picie.datasets.label_table import table_of_names
from mmseg_picie.datasets.label_table_file import read_label_table

IDS = {0: 0, 1: 1}
COLORS = {(0, 0, 0): 0, (200, 30, 30): 1}

BY_ID = {
    'name_id.csv': 'background,0\nnucleus,1\n',
    'headings.csv': 'name,id\nbackground,0\nnucleus,1\n',
    'id_first.csv': 'id;name\r\n0;background\r\n1;nucleus\r\n',
    'tabs.txt': '# a comment\n\n0\tbackground\n1\tnucleus\n',
    'mapping.yaml': 'background: 0\nnucleus: 1\n',
    'by_id.yml': '0: background\n1: nucleus\n',
    'items.yaml': '- {name: background, id: 0}\n- {name: nucleus, id: 1}\n',
    'classes.yaml': 'classes: {0: background, 1: nucleus}\n',
}
BY_PLACE = {
    'names.txt': 'background\nnucleus\n',
    'labelme.txt': '__ignore__\nbackground\nnucleus\n',
    'names.yaml': '- background\n- nucleus\n',
    'meta.json': json.dumps(
        dict(name='cells', classes=['background', 'nucleus'], ignore_index=255)
    ),
}
BY_COLOR = {
    'name_rgb.csv': 'background, 0, 0, 0\nnucleus, 200, 30, 30\n',
    'headings.csv': 'name,r,g,b\nbackground,0,0,0\nnucleus,200,30,30\n',
    'camvid.txt': '0 0 0\tbackground\n200 30 30\tnucleus\n',
    'labelmap.txt': '# label:color_rgb:parts:actions\n'
    'background:0,0,0::\nnucleus:200,30,30::\n',
    'hex.csv': 'background,#000000\nnucleus,#C81E1E\n',
    'hex_first.csv': '#000000,background\n#C81E1E,nucleus\n',
    'rgb.yaml': 'background: [0, 0, 0]\nnucleus: [200, 30, 30]\n',
    'hex.yaml': "background: '#000000'\nnucleus: '#c81e1e'\n",
}
BY_BOTH = {
    'both.csv': 'background,0,0,0,0\nnucleus,1,200,30,30\n',
    'hex.csv': 'background,0,#000000\nnucleus,1,#c81e1e\n',
    'palette.yaml': 'classes: [background, nucleus]\n'
    'palette: [[0, 0, 0], [200, 30, 30]]\n',
}


def read(tmp_path, name, text):
    path = tmp_path / name
    path.write_bytes(text.encode())
    return read_label_table(path)


@pytest.mark.parametrize(
    ('forms', 'ids', 'colors', 'numbered'),
    [
        (BY_ID, IDS, {}, True),
        (BY_PLACE, IDS, {}, False),
        (BY_COLOR, {}, COLORS, True),
        (BY_BOTH, IDS, COLORS, True),
    ],
)
def test_every_form_says_the_same(tmp_path, forms, ids, colors, numbered):
    for name, text in forms.items():
        table = read(tmp_path, name, text)
        assert table.classes == ('background', 'nucleus'), name
        assert table.classes_by_id() == ids, name
        assert table.classes_by_color() == colors, name
        assert table.numbered == numbered, name


def test_a_table_may_be_in_utf16(tmp_path):
    (tmp_path / 'table.csv').write_text('Zellkörper,3\n', encoding='utf-16')
    assert read_label_table(tmp_path / 'table.csv').classes_by_id() == {3: 0}


def test_two_rows_with_one_name_are_one_class_and_no_name_is_none(tmp_path):
    table = read(tmp_path, 'a.csv', 'car,5\nbus,7\ncar,6\nignore,0\n,9\n')
    assert table.classes == ('car', 'bus')
    assert table.classes_by_id() == {5: 0, 7: 1, 6: 0, 0: 255, 9: 255}
    table = read(tmp_path, 'a.yaml', '5: car\n0: null\n')
    assert table.classes_by_id() == {5: 0, 0: 255}


def test_the_first_color_of_a_class_is_its_own(tmp_path):
    table = read(tmp_path, 'a.csv', ',0,0,0\ncar,1,2,3\nbus,4,5,6\ncar,7,8,9\n')
    assert table.colors == ((1, 2, 3), (4, 5, 6))


@pytest.mark.parametrize(
    ('name', 'text', 'message'),
    [
        ('a.csv', 'a,0\nb,0\n', 'a.csv has id 0 more than once'),
        ('a.csv', 'a,1,1,1\nb,1,1,1\n', r'has color \(1, 1, 1\) more than once'),
        ('a.csv', 'a,0\nb\n', "has no id for 'b', but for others"),
        ('a.csv', 'a,0\n\n1,2\n', "line 3: '1,2' is not one name with an id or a col"),
        ('a.csv', 'a,1,2\n', "line 1: 'a,1,2' is not one name"),
        (
            'a.csv',
            'a,300,0,0\n',
            "line 1: color of 'a' must be .*300.*; write 'name, i",
        ),
        ('a.csv', 'a,70000\n', "id of 'a' must be 0-65535, got 70000"),
        ('a.csv', '', 'names 0 classes, expected 1 to 254'),
        ('a.txt', ''.join(f'c{i}\n' for i in range(255)), 'names 255 classes'),
        ('a.yaml', 'a: [1, 2]\n', r"color of 'a' must be .* got \[1, 2\]"),
        ('a.yaml', 'a: true\n', "color of 'a' must be .* got True"),
        ('a.yaml', 'a: [1,\n', 'is not understood: while parsing'),
        ('a.yaml', 'text\n', "expected a list or a mapping, got 'text'"),
        ('a.yaml', '- {name: a, ids: 1}\n', 'expected name with id or color'),
        ('a.yaml', 'classes: [a]\npalette: []\n', r'must have 1 colors, got \[\]'),
    ],
)
def test_what_is_no_table_is_named_with_the_forms(tmp_path, name, text, message):
    with pytest.raises(ValueError, match=message):
        read(tmp_path, name, text)


def test_a_missing_table_is_named(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"t\.csv does not exist; write one: 'n"
    ):
        read_label_table(tmp_path / 't.csv')


def test_names_alone_are_different_and_a_list():
    assert table_of_names(['a', 'b']).classes_by_id() == IDS
    assert not table_of_names(['a', 'b']).numbered
    with pytest.raises(ValueError, match=r"different names, got \['a', 'a'\]"):
        table_of_names(['a', 'a'])
    with pytest.raises(ValueError, match='different names, got cells'):
        table_of_names('cells')
