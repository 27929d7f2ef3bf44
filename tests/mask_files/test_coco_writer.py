import builtins
import json

import numpy as np
import pytest
from mask_cases import CLASSES, PALETTE, make_masks, random_ids
from pycocotools.coco import COCO

from mmseg_picie.errors import InputError
from mmseg_picie.mask_files import Mask, make_writers
from mmseg_picie.mask_files.coco_writer import mean_confidences

NAMES = ['left/0.jpg', 'right/0.jpg', 'gray.jpg', 'gray.png', 'żółty kot.jpg']


def open_writer(out, classes=CLASSES, palette=PALETTE):
    return make_writers(['coco'], out, classes, palette)[0]


def write(out, masks):
    writer = open_writer(out)
    for mask in masks:
        writer.write(mask)
    writer.close()


def read(out):
    """Class ids of every image by pycocotools."""
    coco = COCO(str(out / 'coco.json'))
    found = {}
    for image in coco.loadImgs(coco.getImgIds()):
        ids = np.full((image['height'], image['width']), 255, np.uint8)
        for annotation in coco.loadAnns(coco.getAnnIds(image['id'])):
            part = coco.annToMask(annotation) == 1
            assert (ids[part] == 255).all(), 'annotations overlap'
            assert annotation['area'] == part.sum()
            rows, columns = np.nonzero(part)
            left, top, width, height = annotation['bbox']
            assert [left, top] == [columns.min(), rows.min()]
            assert [width, height] == [np.ptp(columns) + 1, np.ptp(rows) + 1]
            ids[part] = annotation['category_id'] - 1
        found[image['file_name']] = ids
    names = {c['id'] - 1: c['name'] for c in coco.loadCats(coco.getCatIds())}
    assert names == dict(enumerate(CLASSES))
    assert len(set(coco.getAnnIds())) == len(coco.anns)
    return found


def assert_holds(out, masks):
    found = read(out)
    assert sorted(found) == sorted(mask.name for mask in masks)
    for mask in masks:
        assert np.array_equal(found[mask.name], mask.class_ids)


def test_every_pixel_is_read_back(tmp_path):
    masks = make_masks(NAMES)
    write(tmp_path, masks)
    assert_holds(tmp_path, masks)
    assert [path.name for path in tmp_path.iterdir()] == ['coco.json']


def test_an_image_without_any_class_has_no_annotation(tmp_path):
    empty = Mask('empty.jpg', None, np.full((3, 4), 255, np.uint8))
    masks = [empty, *make_masks(['x.jpg'])]
    write(tmp_path, masks)
    assert_holds(tmp_path, masks)
    write(tmp_path, make_masks(['y.jpg']))
    assert_holds(tmp_path, [*masks, *make_masks(['y.jpg'])])


def test_no_image_at_all_is_a_file_too(tmp_path):
    write(tmp_path, [])
    assert_holds(tmp_path, [])
    write(tmp_path, make_masks(NAMES))
    assert_holds(tmp_path, make_masks(NAMES))


def test_a_stopped_run_goes_on(tmp_path):
    masks = make_masks(NAMES)
    stopped = open_writer(tmp_path)
    for mask in masks[:2]:
        stopped.write(mask)
    assert not (tmp_path / 'coco.json').exists()
    again = open_writer(tmp_path)
    assert [again.is_done(name) for name in NAMES] == [True, True, False, False, False]
    for mask in masks[2:]:
        again.write(mask)
    again.close()
    assert all(again.is_done(name) for name in NAMES)
    assert_holds(tmp_path, masks)


def test_a_finished_file_takes_more_images_and_new_masks(tmp_path):
    masks = make_masks(NAMES)
    write(tmp_path, masks[1::2])
    writer = open_writer(tmp_path)
    assert [writer.is_done(mask.name) for mask in masks] == [False, True] * 2 + [False]
    changed = Mask(NAMES[1], None, random_ids(3, (6, 5), seed=9))
    for mask in (*masks[::2], changed):
        writer.write(mask)
    writer.close()
    assert_holds(tmp_path, [masks[0], changed, *masks[2:]])


def test_parts_stay_where_writing_fails(tmp_path, monkeypatch):
    masks = make_masks(NAMES)
    writer = open_writer(tmp_path)
    for mask in masks:
        writer.write(mask)

    def full(*args):
        raise OSError('no space left')

    monkeypatch.setattr('mmseg_picie.mask_files.coco_writer.write_coco', full)
    with pytest.raises(OSError, match='no space'):
        writer.close()
    assert all(open_writer(tmp_path).is_done(name) for name in NAMES)


def test_other_files_in_the_folder_stay(tmp_path):
    writer = open_writer(tmp_path)
    writer.write(make_masks(['x.jpg'])[0])
    mine = tmp_path / 'coco_parts' / 'note.txt'
    mine.write_text('mine')
    writer.close()
    assert mine.read_text() == 'mine'


@pytest.mark.parametrize('content', [None, '{"images": []}', ''])
def test_a_file_of_others_is_not_overwritten(tmp_path, content):
    path = tmp_path / 'coco.json'
    if content is None:
        write(tmp_path, make_masks(['x.jpg']))
    else:
        path.write_text(content)
    before = path.read_bytes()
    with pytest.raises(InputError, match='coco.json is of other classes'):
        open_writer(tmp_path, ('other', *CLASSES[1:]))
    assert path.read_bytes() == before


def test_scores_are_mean_confidences(tmp_path):
    generator = np.random.default_rng(0)
    confidence = generator.random((300, 20)).astype(np.float16)
    ids = random_ids(3, confidence.shape)
    mask = Mask('x.jpg', None, ids, confidence)
    expected = {c: confidence[ids == c].astype(float).mean() for c in (0, 1, 2, 255)}
    assert mean_confidences(mask) == pytest.approx(expected, abs=1e-4)
    write(tmp_path, [mask])
    content = json.loads((tmp_path / 'coco.json').read_text(encoding='utf-8'))
    scores = {a['category_id'] - 1: a['score'] for a in content['annotations']}
    assert scores == {c: pytest.approx(expected[c], abs=1e-4) for c in range(3)}


def test_missing_pycocotools_is_named(tmp_path, monkeypatch):
    imported = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith('pycocotools'):
            raise ModuleNotFoundError(name)
        return imported(name, *args, **kwargs)

    monkeypatch.setattr(builtins, '__import__', without)
    with pytest.raises(InputError, match=r'\[coco\]'):
        open_writer(tmp_path)
