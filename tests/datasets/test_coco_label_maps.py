"""Preparing COCO-Stuff: label maps from JSON."""

import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from coco_json import EXPECTED, write_jsons
from PIL import Image

from mmseg_picie.datasets.preparation.coco_labels import write_label_maps

REPOSITORY = Path(__file__).parents[2]
ROOT = Path(
    os.environ.get('MMSEG_PICIE_TEST_DATA', REPOSITORY.parent / 'shared' / 'data')
)
SAMPLES = ROOT / 'coco_stuff_samples'
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason='set MMSEG_PICIE_TEST_DATA to the real samples'
)


@pytest.fixture
def jsons(tmp_path):
    return write_jsons(tmp_path)


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
