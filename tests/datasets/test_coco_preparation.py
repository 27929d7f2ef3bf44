"""Preparing COCO-Stuff: archives, label maps from JSON, lists."""

import json
import os
import shutil
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmseg_picie.cli import prepare_coco_stuff27
from mmseg_picie.datasets.preparation.coco_labels import write_label_maps
from mmseg_picie.datasets.preparation.coco_layout import inspect_split, unpack
from mmseg_picie.datasets.preparation.coco_lists import RULES, is_member, list_members

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
SHAPE = (6, 8)


@pytest.fixture(scope='module')
def tool():
    return prepare_coco_stuff27


# --- lists --------------------------------------------------------------------------


@needs_samples
@pytest.mark.parametrize('split', LISTED)
def test_the_rule_lists_exactly_the_published_samples(split):
    found = list_members(SAMPLES / 'annotations' / split, RULES[15])
    assert found == [name.zfill(12) for name in LISTED[split]]


def covered(share, sky=156, rest=255, shape=(400, 500)):
    """A map whose first pixels, a share of all, are sky."""
    labels = np.full(shape, rest, np.uint8)
    labels.ravel()[: round(share * labels.size)] = sky
    return labels


@pytest.mark.parametrize(
    'labels, listed',
    [
        (covered(0.75), True),
        (covered(0.749), False),  # unlabeled pixels count
        (covered(0.749, rest=0), False),  # and so do things
        (covered(0.5, rest=101), True),  # any stuff: sky and ceiling
        (covered(1.0, shape=(360, 360)), True),
        (covered(1.0, shape=(359, 640)), False),
        (covered(1.0, shape=(640, 359)), False),
        (covered(1.0, sky=0), False),
    ],
)
def test_fifteen_classes_must_cover_three_quarters_of_a_large_image(labels, listed):
    assert is_member(labels, RULES[15]) is listed


@pytest.mark.parametrize(
    'labels, listed',
    [
        (covered(0.506), True),
        (covered(0.481), False),
        (covered(0.2, sky=93, rest=110), True),  # plant and ground
        (covered(0.481, rest=101), False),  # a ceiling is none of the three
    ],
)
def test_three_classes_must_cover_half(labels, listed):
    assert is_member(labels, RULES[3]) is listed


@pytest.mark.parametrize(
    'labels, words',
    [
        (np.full((4, 5), 182, np.uint8), 'has id 182, expected 0-181 and 255'),
        (np.zeros((4, 5, 3), np.uint8), r'one channel of 8 bits, got \(4, 5, 3\)'),
        (np.zeros((4, 5), np.uint16), 'one channel of 8 bits, got .* uint16'),
    ],
)
def test_other_label_files_are_named(tmp_path, labels, words):
    Image.fromarray(labels).save(tmp_path / '000000000007.png')
    with pytest.raises(ValueError, match=rf'000000000007\.png.*{words}'):
        list_members(tmp_path, RULES[15])
    (tmp_path / '000000000007.png').write_bytes(b'\x89PNG\r\n\x1a\n')
    with pytest.raises(ValueError, match=r'000000000007\.png cannot be read'):
        list_members(tmp_path, RULES[15])


def test_files_of_mmsegs_converter_are_passed_over(tmp_path):
    Image.fromarray(covered(1.0)).save(tmp_path / '000000000007.png')
    other = covered(1.0, sky=170)
    Image.fromarray(other).save(tmp_path / '000000000007_labelTrainIds.png')
    assert list_members(tmp_path, RULES[15]) == ['000000000007']


# --- label maps -----------------------------------------------------------------------


def box(top, left, bottom, right):
    """A polygon around whole pixels."""
    return [[left, top, right, top, right, bottom, left, bottom]]


def counts(mask):
    """Uncompressed run-length code of a mask: runs of 0 and 1 down the columns."""
    runs, value = [0], 0
    for pixel in mask.T.ravel():
        if pixel != value:
            runs.append(0)
            value = pixel
        runs[-1] += 1
    return {'size': list(mask.shape), 'counts': runs}


def rle(top, left, bottom, right, compressed=False):
    mask = np.zeros(SHAPE, np.uint8)
    mask[top:bottom, left:right] = 1
    if not compressed:
        return counts(mask)
    masks = pytest.importorskip('pycocotools.mask')
    code = masks.encode(np.asfortranarray(mask))
    return {'size': code['size'], 'counts': code['counts'].decode()}


def annotation(number, image, category, segmentation, crowd=0):
    return dict(
        id=number,
        image_id=image,
        category_id=category,
        segmentation=segmentation,
        iscrowd=crowd,
    )


@pytest.fixture()
def jsons(tmp_path):
    """Two images: one with all kinds of annotations, one with none."""
    pytest.importorskip('pycocotools')
    images = [
        dict(id=9, file_name='000000000009.jpg', height=SHAPE[0], width=SHAPE[1]),
        dict(id=30, file_name='000000000030.jpg', height=2, width=3),
    ]
    things = [
        annotation(1, 9, 1, box(1, 1, 4, 4)),  # a person
        annotation(2, 9, 18, box(2, 2, 5, 5)),  # a dog before the person
        annotation(3, 9, 90, rle(0, 0, 3, 8), crowd=1),  # behind both
    ]
    stuff = [
        annotation(4, 9, 157, rle(0, 0, 3, 8, compressed=True)),  # sky
        annotation(5, 9, 182, rle(3, 0, 6, 6, compressed=True)),  # last stuff id
        annotation(6, 9, 183, rle(5, 6, 6, 8, compressed=True)),  # other
    ]
    paths = []
    for name, entries in (('instances', things), ('stuff', stuff)):
        path = tmp_path / f'{name}_val2017.json'
        path.write_text(json.dumps(dict(images=images, annotations=entries)))
        paths.append(path)
    return paths


EXPECTED = np.array(
    [
        [89, 89, 89, 89, 89, 89, 89, 89],
        [89, 0, 0, 0, 89, 89, 89, 89],
        [89, 0, 17, 17, 17, 89, 89, 89],
        [181, 0, 17, 17, 17, 181, 255, 255],
        [181, 181, 17, 17, 17, 181, 255, 255],
        [181, 181, 181, 181, 181, 181, 255, 255],
    ],
    np.uint8,
)


def test_label_maps_hold_things_over_stuff_and_255_elsewhere(jsons, tmp_path):
    assert write_label_maps(*jsons, tmp_path / 'maps') == (2, 0)
    labels = np.asarray(Image.open(tmp_path / 'maps/000000000009.png'))
    assert labels.dtype == np.uint8
    assert np.array_equal(labels, EXPECTED)
    empty = np.asarray(Image.open(tmp_path / 'maps/000000000030.png'))
    assert np.array_equal(empty, np.full((2, 3), 255))


def test_whole_maps_are_kept_and_broken_ones_drawn_again(jsons, tmp_path):
    write_label_maps(*jsons, tmp_path / 'maps')
    first, second = sorted((tmp_path / 'maps').glob('*'))
    Image.new('L', (3, 2), 7).save(second)
    first.write_bytes(first.read_bytes()[:30])
    assert write_label_maps(*jsons, tmp_path / 'maps') == (1, 1)
    assert np.array_equal(np.asarray(Image.open(first)), EXPECTED)
    assert np.asarray(Image.open(second)).max() == 7


def test_an_interrupted_write_leaves_no_file(jsons, tmp_path, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, 'replace', stop)
        with pytest.raises(KeyboardInterrupt):
            write_label_maps(*jsons, tmp_path / 'maps')
    assert not list((tmp_path / 'maps').iterdir())


def change(path, edit):
    content = json.loads(path.read_text())
    edit(content['annotations'])
    path.write_text(json.dumps(content))


@pytest.mark.parametrize(
    'which, edit, words',
    [
        (0, lambda a: a[0].update(category_id=92), 'image 9 .*annotation 1 .*1-91'),
        (1, lambda a: a[0].update(category_id=18), 'image 9 .*annotation 4 .*92-182'),
        (1, lambda a: a[0].update(image_id=77), r'stuff_val2017.json .*first is 77'),
        (
            1,
            lambda a: a[1]['segmentation'].update(size=[8, 6]),
            r'annotation 5 has a mask of \(8, 6\), the image is \(6, 8\)',
        ),
        (0, lambda a: a[0].update(segmentation=[]), 'annotation 1 must have polygons'),
        (
            0,
            lambda a: a[1]['segmentation'].append([1, 1, 4, 4]),
            r'annotation 2 must have polygons of 6 or more .* \[8, 4\]',
        ),
    ],
)
def test_annotations_that_do_not_fit_are_named(jsons, tmp_path, which, edit, words):
    change(jsons[which], edit)
    with pytest.raises(ValueError, match=words):
        write_label_maps(*jsons, tmp_path / 'maps')


def test_a_broken_json_file_is_named(jsons, tmp_path):
    jsons[1].write_text(jsons[1].read_text()[:100])
    with pytest.raises(ValueError, match=r'stuff_val2017\.json is not whole JSON'):
        write_label_maps(*jsons, tmp_path / 'maps')


def test_missing_pycocotools_name_the_command(jsons, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, 'pycocotools', None)
    with pytest.raises(ImportError, match='pip install pycocotools'):
        write_label_maps(*jsons, tmp_path / 'maps')


# --- archives and the tool ------------------------------------------------------------


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
