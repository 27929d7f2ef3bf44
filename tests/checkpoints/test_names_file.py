"""The names file: what is read, and what is refused instead of guessed."""

import pytest
import yaml

from mmseg_picie.checkpoints import ClusterName, Names, read_names, write_names
from mmseg_picie.errors import InputError, MissingFileError

HASH = '0123456789abcdef' * 4
WHOLE = f"""clusters:
- id: 3
  name: nucleus
  color: '#AA0000'
- {{id: 1, name: cytoplasm}}
- id: 7
  name: null
checkpoint: {HASH}
"""
STRANGE = [
    *('on', 'null', '~', '3', '1e3', '0x1f', '1:30', '2020-01-01', '#a', 'a: b'),
    *("it's", '- b', '{a}', '*a', '&a', '!a', '%', '@', 'caf\u00e9', '\u7d30\u80de'),
    *('\U0001f600', '=', '<<', 'yes', '.inf', 'a #b', '"'),
]


@pytest.fixture
def file(tmp_path):
    return tmp_path / 'names.yaml'


def entry(text):
    """A file of one entry, whose lines begin at line 2."""
    return f'clusters:\n- {text}\ncheckpoint: {HASH}\n'


def refused(file, text, words):
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError, match=words) as caught:
        read_names(file)
    message = str(caught.value)
    assert str(file) in message
    assert '\n' not in message
    assert len(message) < 700
    return message


def test_file_is_read(file):
    file.write_text(WHOLE)
    clusters = (
        ClusterName(3, 'nucleus', '#aa0000'),
        ClusterName(1, 'cytoplasm'),
        ClusterName(7, None),
    )
    assert read_names(file) == Names(clusters, HASH)


def test_mark_of_windows_editors_is_no_matter(file):
    file.write_bytes(b'\xef\xbb\xbf' + WHOLE.replace('\n', '\r\n').encode())
    assert read_names(file).classes == ('nucleus', 'cytoplasm')


def test_written_names_come_back(file):
    clusters = tuple(ClusterName(i, name) for i, name in enumerate(STRANGE))
    clusters += (ClusterName(90, None), ClusterName(91, 'last', '#00ff00'))
    names = Names(clusters, HASH)
    write_names(file.parent / 'new' / file.name, names)
    assert read_names(file.parent / 'new' / file.name) == names


def test_written_file_is_the_contract(file):
    write_names(
        file, Names((ClusterName(3, 'a', '#00ff00'), ClusterName(0, None)), HASH)
    )
    assert yaml.safe_load(file.read_text()) == dict(
        clusters=[dict(id=3, name='a', color='#00ff00'), dict(id=0, name=None)],
        checkpoint=HASH,
    )


def test_missing_file_is_named(file):
    with pytest.raises(MissingFileError, match='names.yaml does not exist'):
        read_names(file)


@pytest.mark.parametrize(
    'text, words',
    [
        (
            'id: 3\n  name: on',
            r'line 3: YAML reads name: on as true or false.*'
            "quotes, name: 'on'",
        ),
        ('id: 3\n  name: 3', 'line 3: YAML reads name: 3 as a number'),
        ('id: 3\n  name: 1.5', 'as a number'),
        ('id: 3\n  name: 2020-01-01', 'name: 2020-01-01 as a date'),
        ('id: 3\n  name: 2020-99-99', '2020-99-99 cannot be read'),
        ('id: 3\n  name: #1 cell', r'line 3: name is left blank \(# begins'),
        ('id: 3\n  name:', 'name is left blank'),
        ('id: 3\n  name: a\n  color: #aa0000', "color is left blank.*'#aa0000'"),
        ('id: 3\n  name: a\n  color: 123456', "color: '123456'"),
        ('id: 3\n  name: a\n  color: red', "must be '#rrggbb'.*'red'"),
        ('id: 3\n  name: [a]', 'name must be one value'),
        ('id: 3\n  name: {a: b}', 'name must be one value'),
        ("id: 3\n  name: ''", 'name of cluster 3 is empty'),
        ("id: 3\n  name: ' a'", 'spaces at its ends'),
        ('id: 010\n  name: a', 'plain integer >= 0, got 010'),
        ('id: 1:30\n  name: a', 'got 1:30'),
        ('id: -1\n  name: a', 'got -1'),
        ('id: 3.0\n  name: a', 'got 3.0'),
        ('id: true\n  name: a', 'got true'),
        ("id: '3'\n  name: a", 'plain integer'),
        ('id: [3]\n  name: a', 'id must be one value'),
        ('id: ' + 5000 * '9' + '\n  name: a', 'id: 9{40}... cannot be read'),
        ('id: 3\n  nmae: a', r'line 3: a cluster has no key nmae, did you mean name\?'),
        ('id: 3\n  name: a\n  colour: b', r'no key colour, did you mean color\?'),
        ('id: 3\n  name: a\n  [x]: b', 'has no key a key'),
        ('id: 3', 'line 2: a cluster has no name'),
        ('name: a', 'a cluster has no id'),
        ('nucleus', 'a cluster must be a table'),
        (
            'id: 3\n  name: a\n  id: 4\n  name: b',
            'line 4: id stands twice.*"-" missing',
        ),
        ('id: 3\n  name: a\n- id: 3\n  name: b', 'cluster 3 has two entries'),
    ],
)
def test_entry_that_can_be_misread_is_refused(file, text, words):
    refused(file, entry(text), words)


@pytest.mark.parametrize(
    'text, words',
    [
        ('', 'is empty'),
        ('# nothing\n', 'is empty'),
        ('- id: 3', 'the file must be a table'),
        (f'checkpoint: {HASH}', 'the file has no clusters'),
        ('clusters: []', 'the file has no checkpoint'),
        (f'clusters: []\ncheckpoint: {HASH}\nextra: 1', 'line 3: the file has no key'),
        (f'cluster: []\ncheckpoint: {HASH}', r'did you mean clusters\?'),
        (f'clusters: 3\ncheckpoint: {HASH}', 'clusters must be a list'),
        ('clusters: []\ncheckpoint: abc', '64 hex digits'),
        ('clusters: []\ncheckpoint: 12', 'got 12'),
        ('clusters: []\ncheckpoint: [12]', 'checkpoint must be one value'),
        (WHOLE + '---\n' + WHOLE, 'line 9: no YAML'),
        ('clusters: [\n', 'no YAML'),
        ('clusters:\n\t- id: 3', 'line 2: no YAML'),
        ('clusters: ' + 10_000 * '[', 'nested too deep'),
        (b'clusters: \xff', 'no text in UTF-8'),
        (b'clusters: \x00', 'no text in UTF-8'),
        (b'#' + 2**20 * b' ', 'more than a names file needs'),
    ],
)
def test_what_is_no_names_file_is_refused(file, text, words):
    refused(file, text, words)


def test_references_are_not_followed(file):
    lines = ['a: &a [x, x, x, x, x, x, x, x, x]']
    for old, new in zip('abcdefghi', 'bcdefghij'):
        lines.append(f'{new}: &{new} [{", ".join(9 * ["*" + old])}]')
    lines.append('clusters: *j')
    refused(file, '\n'.join(lines), 'line 1: no YAML.*anchors')
    text = entry('&e {id: 3, name: a}\n- {<<: *e, id: 4}')
    refused(file, text, 'line 2: no YAML.*anchors')


def test_tags_build_nothing(file, tmp_path):
    made = tmp_path / 'made'
    call = f'!!python/object/apply:os.system ["touch {made}"]'
    refused(file, entry(f'id: 3\n  name: {call}'), 'name must be one value')
    call = '!!python/name:os.system ""'
    refused(file, entry(f'id: 3\n  name: {call}'), 'no YAML|cannot be read')
    refused(file, entry('id: 3\n  name: !!binary aGk='), 'as a bytes')
    refused(file, entry('id: 3\n  name: !!int abc'), 'cannot be read')
    refused(file, entry('id: 3\n  name: !!timestamp abc'), 'cannot be read')
    assert not made.exists()


def test_clusters_to_split_are_read_and_written(file):
    file.write_text(f'{WHOLE}split: [4, 0]\n')
    names = read_names(file)
    assert names.split == (4, 0)
    write_names(file, names)
    assert yaml.safe_load(file.read_text())['split'] == [4, 0]
    assert read_names(file) == names


@pytest.mark.parametrize(
    ('split', 'words'),
    [
        ('[4, 3]', 'cluster 3 is in split and has an entry'),
        ('[7]', 'cluster 7 is in split and has an entry'),
        ('[4, 4]', 'cluster 4 stands twice in split'),
        ('4', 'line 9: split must be a list'),
        ("['4']", 'id must be a plain integer >= 0, got 4'),
        ('[-1]', 'id must be a plain integer >= 0, got -1'),
        ('[[4]]', 'id must be one value'),
    ],
)
def test_split_that_cannot_be_meant_is_refused(file, split, words):
    refused(file, f'{WHOLE}split: {split}\n', words)
