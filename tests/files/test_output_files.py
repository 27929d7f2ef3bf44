from pathlib import Path

import pytest

from mmseg_picie.errors import InputError
from mmseg_picie.files import path_below, short_names


@pytest.mark.parametrize(
    'names, expected',
    [
        (['a/0.jpg', 'b/0.jpg'], ['a/0', 'b/0']),
        (['0.jpg', '0.png', '1.png'], ['0.jpg', '0.png', '1']),
        (['0.jpg', '0.png', '0.jpg.png'], ['0.jpg', '0.png', '0.jpg.png']),
        (['A/x.png', 'a/x.jpg'], ['A/x.png', 'a/x.jpg']),
        (['.hidden', 'no_suffix', 'x.y.png'], ['.hidden', 'no_suffix', 'x.y']),
    ],
)
def test_short_names_keep_a_suffix_only_where_it_tells_images_apart(names, expected):
    assert list(short_names(names).items()) == list(zip(names, expected))


def test_a_path_below_a_folder_is_joined():
    assert path_below(Path('out'), 'a/0.jpg') == Path('out/a/0.jpg')


@pytest.mark.parametrize(
    'name', ['../x', 'a/../../x', '/x', 'C:/x', 'C:x', '\\x', 'a\\..\\..\\x', '', '\0']
)
def test_a_path_that_leaves_its_folder_is_refused(name):
    with pytest.raises(InputError, match='leads out of'):
        path_below(Path('out'), name)
