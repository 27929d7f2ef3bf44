"""Preparing COCO-Stuff: archives, and the command."""

import os
import shutil
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from coco_json import EXPECTED, write_jsons
from PIL import Image

from mmseg_picie.cli import prepare_coco_stuff27
from mmseg_picie.datasets.preparation.coco_layout import inspect_split, unpack

REPOSITORY = Path(__file__).parents[2]
ROOT = Path(
    os.environ.get('MMSEG_PICIE_TEST_DATA', REPOSITORY.parent / 'shared' / 'data')
)
SAMPLES = ROOT / 'coco_stuff_samples'
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason='set MMSEG_PICIE_TEST_DATA to the real samples'
)
# Of the samples, those that the authors' lists hold.
LISTED = {
    'train2017': ['138805', '203744', '350505', '500044', '580986'],
    'val2017': ['139', '785', '1268'],
}


@pytest.fixture(scope='module')
def tool():
    return prepare_coco_stuff27


@pytest.fixture
def jsons(tmp_path):
    return write_jsons(tmp_path)


def archive(path, members):
    with zipfile.ZipFile(path, 'w') as opened:
        for name, data in members.items():
            opened.writestr(name, data)
    return path


def test_archives_go_to_their_folders_and_whole_files_stay(tmp_path):
    maps = archive(
        tmp_path / 'stuffthingmaps_trainval2017.zip',
        {'train2017/': '', 'train2017/1.png': 'abc', 'val2017/2.png': 'de', 'x.md': ''},
    )
    assert unpack(maps, tmp_path) == 2
    path = tmp_path / 'annotations/train2017/1.png'
    assert path.read_text() == 'abc'
    assert (tmp_path / 'annotations/val2017/2.png').read_text() == 'de'
    path.write_text('a')  # cut short
    assert unpack(maps, tmp_path) == 1
    assert path.read_text() == 'abc'
    assert unpack(maps, tmp_path) == 0


def test_broken_and_strange_archives_are_named(tmp_path):
    (tmp_path / 'val2017.zip').write_bytes(b'PK')
    with pytest.raises(ValueError, match=r'val2017\.zip is not a whole zip'):
        unpack(tmp_path / 'val2017.zip', tmp_path)
    strange = archive(tmp_path / 'train2017.zip', {'a/1.jpg': ''})
    with pytest.raises(ValueError, match=r"train2017\.zip has no file below \['train"):
        unpack(strange, tmp_path)
    with pytest.raises(ValueError, match='archive must be one of'):
        unpack(tmp_path / 'other.zip', tmp_path)


def test_a_damaged_member_names_the_archive(tmp_path):
    path, name = tmp_path / 'val2017.zip', 'val2017/1.jpg'
    with zipfile.ZipFile(path, 'w', zipfile.ZIP_DEFLATED) as opened:
        opened.writestr(name, 'some text ' * 100)
    data = bytearray(path.read_bytes())
    start = 30 + len(name)  # behind the header of the member
    data[start : start + 8] = b'\xff' * 8
    path.write_bytes(data)
    with pytest.raises(ValueError, match=r'val2017\.zip is not a whole zip') as caught:
        unpack(path, tmp_path)
    assert isinstance(caught.value.__cause__, zlib.error)


@needs_samples
def test_the_tool_lists_the_samples_and_keeps_its_lists(tool, tmp_path, capsys):
    for folder in ('images', 'annotations'):
        (tmp_path / folder).symlink_to(SAMPLES / folder)
    assert tool.main([str(tmp_path)]) == 0
    path = tmp_path / 'curated/train2017.txt'
    assert path.read_text().split() == [n.zfill(12) for n in LISTED['train2017']]
    output, error = capsys.readouterr()
    assert 'val2017.txt has 3 ids, the published list has 2175' in error
    assert 'train2017: 13 images, 13 label maps' in output
    assert 'train2017.txt: 5 ids, published: 49629 (written)' in output
    assert 'val2017.txt: 3 ids, published: 2175 (written)' in output
    path.write_text('000000000001\n')
    assert tool.main([str(tmp_path), '--splits', 'train2017']) == 0
    assert '1 ids, published: 49629 (kept; delete it' in capsys.readouterr().out
    assert tool.main([str(tmp_path), '--subset', '3']) == 0
    output, error = capsys.readouterr()
    assert not error  # the rule is not exact
    assert 'val2017_stuff3.txt' in output and 'published: 1432' in output
    assert 'inferred' in output


def test_the_tool_draws_labels_from_archives_of_json(jsons, tool, tmp_path, capsys):
    downloads, root = tmp_path / 'downloads', tmp_path / 'root'
    downloads.mkdir()
    archive(
        downloads / 'val2017.zip',
        {'val2017/000000000009.jpg': 'j', 'val2017/000000000030.jpg': 'j'},
    )
    command = [str(root), '--downloads', str(downloads), '--splits', 'val2017']
    assert tool.main(command) == 2
    captured = capsys.readouterr()
    assert '2 images have no label map (first 000000000009)' in captured.out
    assert '2 images have no label map (first 000000000009)' in captured.err
    assert 'instances_val2017.json does not exist; download' in captured.err
    assert 'or remove these images' in captured.err
    for name, path in zip(('annotations', 'stuff_annotations'), jsons):
        archive(
            downloads / f'{name}_trainval2017.zip',
            {f'annotations/{path.name}': path.read_text()},
        )
    assert tool.main(command) == 2  # the images are too small for the list
    labels = np.asarray(Image.open(root / 'annotations/val2017/000000000009.png'))
    assert np.array_equal(labels, EXPECTED)
    captured = capsys.readouterr()
    assert '2 label maps drawn, 0 kept' in captured.out
    assert 'annotations/val2017 fits the rule' in captured.err
    assert 'at least 360 pixels, and 75% of the pixels in its 15' in captured.err
    assert not (root / 'curated').exists()


def test_the_tool_names_images_that_the_json_file_leaves_out(
    jsons, tool, tmp_path, capsys
):
    for name in ('000000000009', '000000000030', '000000000031'):
        path = tmp_path / f'images/val2017/{name}.jpg'
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b'j')
    (tmp_path / 'annotations').mkdir()
    for path in jsons:
        path.rename(tmp_path / 'annotations' / path.name)
    assert tool.main([str(tmp_path), '--splits', 'val2017']) == 2
    error = capsys.readouterr().err
    assert '1 images have no label map and are not in' in error
    assert 'instances_val2017.json (first 000000000031)' in error


def test_the_tool_names_what_is_missing(tool, tmp_path, capsys):
    assert tool.main([str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert 'images/train2017; download train2017.zip' in error
    assert 'images/val2017; download val2017.zip' in error


@needs_samples
def test_a_listed_image_that_is_missing_is_named(tool, tmp_path, capsys):
    shutil.copytree(SAMPLES / 'images/val2017', tmp_path / 'images/val2017')
    (tmp_path / 'annotations').symlink_to(SAMPLES / 'annotations')
    (tmp_path / 'images/val2017/000000000785.jpg').unlink()
    assert tool.main([str(tmp_path), '--splits', 'val2017']) == 2
    assert '1 of 3 images to list are not in' in capsys.readouterr().err
    assert not (tmp_path / 'curated').exists()
    assert len(inspect_split(tmp_path, 'val2017').images) == 7
