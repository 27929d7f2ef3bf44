"""The page reads names files as `mmseg-picie name` does, or says why not."""

import pytest
from report_pages import data_of

from mmseg_picie.checkpoints import ClusterName, Names, read_names, write_names
from mmseg_picie.errors import InputError

pytestmark = pytest.mark.slow

READ = """text => {
    try {
        const found = picie.namesFile.read(text);
        return found.clusters.map(e => [e.id, e.name, e.color || null]);
    } catch (error) { return error.message; }
}"""
WORDS = 'a name of many words that goes on and on, so that YAML folds it into lines'
WIDE = 'é' * 90
HASH = '{HASH}'
GOOD = (
    "clusters:\n- id: 3\n  name: nucleus\n  color: '#AA0000'\ncheckpoint: {HASH}\n",
    'checkpoint: "{HASH}"\nclusters:\n  - name: null\n    id: 0 # nothing\n',
    "clusters:\n- {id: 1, name: 'it''s, so', color: '#00aa00'}\n- {id: 2, name: ~}\n"
    'checkpoint: {HASH}',
    'clusters: []\ncheckpoint: {HASH}\n',
    '# a file\r\nclusters:\r\n- id: 1\r\n  name: cell wall\r\ncheckpoint: {HASH}\r\n',
    'clusters:\n- id: 1\n  name: "a \\"b\\" \\\\ \\u00e9 \\x41 \\U0001f333"\n'
    'checkpoint: {HASH}',
)
BAD = (
    'clusters:\n- id: 1\n  name: on\ncheckpoint: {HASH}',
    'clusters:\n- id: 1\n  name: 12\ncheckpoint: {HASH}',
    'clusters:\n- id: 1\n  color: #aa0000\n  name: a\ncheckpoint: {HASH}',
    'clusters:\n- id: 1\n  nam: a\ncheckpoint: {HASH}',
    'clusters:\n- id: 1\n  name: a\n  id: 2\n  name: b\ncheckpoint: {HASH}',
    'clusters:\n- id: 1\n  name: a\n- id: 1\n  name: b\ncheckpoint: {HASH}',
    'clusters:\n- id: 1\n  name: "a\ncheckpoint: {HASH}',
    'clusters:\n- id: -1\n  name: a\ncheckpoint: {HASH}',
    'clusters:\n- id: 1\n  name: &a b\ncheckpoint: {HASH}',
    'clusters:\n- id: 1\n  name: a\n',
    'clusters:\n- id: 1\n  name: a\nextra: 1\ncheckpoint: {HASH}',
    'just text',
    '',
)


def both(tab, page, path, text):
    """What Python and what the page read."""
    text = text.replace(HASH, data_of(page)['checkpoint'])
    path.write_text(text, newline='')
    try:
        entries = read_names(path).clusters
        python = [[e.id, e.name, e.color] for e in entries]
    except InputError as error:
        python = str(error)
    return python, tab.evaluate(READ, text)


@pytest.mark.parametrize('text', GOOD)
def test_forms_of_yaml_are_read_alike(tab, page, tmp_path, text):
    python, found = both(tab, page, tmp_path / 'names.yaml', text)
    assert isinstance(python, list), python
    assert found == python


@pytest.mark.parametrize('text', BAD)
def test_what_python_refuses_is_refused_with_a_reason(tab, page, tmp_path, text):
    python, found = both(tab, page, tmp_path / 'names.yaml', text)
    assert isinstance(python, str)
    assert found.startswith(('Line ', 'The file has no', 'Cluster '))


@pytest.mark.parametrize(
    'name',
    [
        'null',
        'yes',
        '3',
        "it's",
        '"',
        '- a',
        'a: b',
        '#x',
        '木 é 🌳',
        WORDS,
        WIDE,
        '{a}',
    ],
)
def test_files_that_python_writes_are_read(tab, page, tmp_path, name):
    digest = data_of(page)['checkpoint']
    entries = (ClusterName(2, name, '#aa0000'), ClusterName(0, None))
    path = tmp_path / 'names.yaml'
    write_names(path, Names(entries, digest))
    found = tab.evaluate(READ, path.read_text())
    assert found == [[2, name, '#aa0000'], [0, None, None]]
