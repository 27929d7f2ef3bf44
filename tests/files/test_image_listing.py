"""What is an image of a folder."""

import os

import pytest

from mmseg_picie.files import (
    is_hidden,
    is_image_name,
    left_out_sentences,
    list_images,
)


def touch(root, *names):
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    return root


def test_images_are_told_by_their_endings_and_sorted_by_path(tmp_path):
    touch(tmp_path, 'b.JPG', 'a/z.png', 'a.tiff', 'notes.txt', 'jpg', 'a/movie.mp4')
    assert list_images(tmp_path) == (['a.tiff', 'a/z.png', 'b.JPG'], [])
    assert list_images(tmp_path, is_image=lambda name: name.endswith('.txt'))[0] == [
        'notes.txt'
    ]


def test_hidden_files_and_folders_of_systems_are_no_data(tmp_path):
    folders = ('.ipynb_checkpoints', '.Trash-1000/files', '__MACOSX', '@eaDir/0.jpg')
    touch(tmp_path, '0.jpg', 'a/1.jpg', 'a/._1.jpg', '.DS_Store', 'Thumbs.db')
    touch(tmp_path, *(f'{folder}/0.jpg' for folder in folders))
    names, left_out = list_images(tmp_path)
    assert names == ['0.jpg', 'a/1.jpg']
    assert dict(left_out) == {
        '.Trash-1000': 'is hidden: its name begins with a dot',
        '.ipynb_checkpoints': 'is hidden: its name begins with a dot',
        '@eaDir': 'is a folder of the system',
        '__MACOSX': 'is a folder of the system',
        'a/._1.jpg': 'is hidden: its name begins with a dot',
    }
    names, left_out = list_images(tmp_path, leave_out_hidden=False)
    assert len(names) == 7
    assert not left_out


def test_a_folder_below_a_hidden_one_is_data_where_it_is_named_itself(tmp_path):
    root = touch(tmp_path / '.cache' / 'photos', '0.jpg')
    assert list_images(root) == (['0.jpg'], [])


@pytest.mark.parametrize('target', ['..', '.', '../..'])
def test_a_link_back_is_named_and_left_out(tmp_path, target):
    root = touch(tmp_path / 'photos', '0.jpg', 'a/1.jpg')
    (root / 'again').symlink_to(target, target_is_directory=True)
    names, left_out = list_images(root)
    assert names == ['0.jpg', 'a/1.jpg']
    reason = f'is a link back to {target}, a folder that holds it'
    assert left_out == [('again', reason)]


def test_links_that_lead_to_each_other_end(tmp_path):
    one = touch(tmp_path / 'one', '1.jpg')
    two = touch(tmp_path / 'two', '2.jpg')
    (one / 'other').symlink_to(two, target_is_directory=True)
    (two / 'other').symlink_to(one, target_is_directory=True)
    names, left_out = list_images(one)
    assert names == ['1.jpg', 'other/2.jpg']
    assert [name for name, _ in left_out] == ['other/other']


def test_links_elsewhere_are_followed(tmp_path):
    elsewhere = touch(tmp_path / 'elsewhere', 'a.jpg', 'deep/b.jpg')
    root = touch(tmp_path / 'photos', '0.jpg')
    (root / 'more').symlink_to(elsewhere, target_is_directory=True)
    (root / 'one.jpg').symlink_to(elsewhere / 'a.jpg')
    expected = ['0.jpg', 'more/a.jpg', 'more/deep/b.jpg', 'one.jpg']
    assert list_images(root) == (expected, [])


def test_links_to_nowhere_and_to_themselves_are_named(tmp_path):
    touch(tmp_path, '0.jpg')
    (tmp_path / 'gone.jpg').symlink_to('nowhere.jpg')
    (tmp_path / 'self').symlink_to('self')
    (tmp_path / 'gone.txt').symlink_to('nowhere.txt')
    names, left_out = list_images(tmp_path)
    assert names == ['0.jpg']
    found = dict(left_out)
    assert found['gone.jpg'] == 'is a link to nowhere.jpg, which does not exist'
    assert found['self'].startswith('cannot be followed (')
    assert set(found) == {'gone.jpg', 'self'}


@pytest.mark.skipif(os.geteuid() == 0, reason='root reads every folder')
def test_a_folder_that_cannot_be_read_is_named(tmp_path):
    touch(tmp_path, '0.jpg', 'shut/1.jpg')
    (tmp_path / 'shut').chmod(0)
    try:
        names, left_out = list_images(tmp_path)
    finally:
        (tmp_path / 'shut').chmod(0o700)
    assert names == ['0.jpg']
    assert left_out == [('shut', 'cannot be read (Permission denied)')]


def test_a_missing_folder_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        list_images(tmp_path / 'nowhere')


def test_names_of_images_and_hidden_paths():
    assert is_image_name('a/B.JPeG')
    assert not is_image_name('jpg')
    assert is_hidden('.a/b.jpg')
    assert is_hidden('a/__MACOSX/b.jpg')
    assert not is_hidden('../a/b..jpg')


def test_what_is_left_out_is_said_in_a_few_sentences():
    left_out = [(f'{i}.jpg', 'is odd') for i in range(7)]
    said = [f'a/{i}.jpg is left out: it is odd' for i in range(5)]
    assert left_out_sentences('a', left_out[:5]) == said
    assert left_out_sentences('a', left_out) == [*said, 'and 2 more of a are left out']
    assert left_out_sentences('a', []) == []
