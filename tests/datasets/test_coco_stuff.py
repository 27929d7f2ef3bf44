"""COCO-Stuff-27 on real samples and generated files."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmseg_picie.datasets.coco_stuff import COCOStuff27Dataset

ROOT = Path(
    os.environ.get(
        'MMSEG_PICIE_TEST_DATA', Path(__file__).parents[3] / 'shared' / 'data'
    )
)
SAMPLES = ROOT / 'coco_stuff_samples'
needs_samples = pytest.mark.skipif(
    not SAMPLES.is_dir(), reason='set MMSEG_PICIE_TEST_DATA to the real samples'
)
SPLITS = ('train2017', 'val2017')
# Listed by the authors' lists, out of the samples (13 and 8).
LISTED = {
    'train2017': {138805, 203744, 350505, 500044, 580986},
    'val2017': {139, 785, 1268},
}
PIPELINE = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='RemapLabels'),
]
# Ids that mmseg's converter drops, counted below a raw id to get its own.
DROPPED = np.array([11, 25, 28, 29, 44, 65, 67, 68, 70, 82, 90])


def coarse_by_hand(raw):
    """Classes of raw ids: thing classes by their ends, stuff classes id by id."""
    # Each run of thing ids ends at ...; classes in the order of the ids.
    ends = np.array([0, 8, 14, 24, 32, 42, 50, 60, 70, 76, 82, 90])
    of_run = np.array([9, 11, 8, 7, 6, 10, 5, 2, 3, 0, 1, 4, 255])
    coarse = of_run[np.searchsorted(ends, raw)]
    stuff = {
        12: [101, 102],
        13: [100, 113, 114, 115, 116, 117],
        14: [120, 121, 152, 169],
        15: [97, 106, 107, 109, 111, 122, 129, 132, 155, 160, 164],
        16: [99, 131, 138, 142],
        17: [91, 92, 103, 104, 108, 130, 136, 140, 151, 166, 167],
        18: [170, 171, 172, 173, 174, 175, 176],
        19: [179, 180],
        20: [94, 95, 127, 150, 157, 165],
        21: [110, 124, 125, 135, 139, 143, 144, 146, 148, 153, 158],
        22: [93, 96, 118, 123, 128, 133, 141, 162, 168],
        23: [105, 156],
        24: [126, 134, 149, 159, 161, 181],
        25: [98, 112, 137, 145, 163],
        26: [119, 147, 154, 177, 178],
    }
    for index, ids in stuff.items():
        coarse = np.where(np.isin(raw, ids), index, coarse)
    return coarse


def dataset(split, root=SAMPLES, labels=None, pipeline=PIPELINE, **kwargs):
    return COCOStuff27Dataset(
        data_root=str(root),
        data_prefix=dict(
            img_path=str(SAMPLES / f'images/{split}'),
            seg_map_path=str(labels or f'annotations/{split}'),
        ),
        pipeline=pipeline,
        **kwargs,
    )


@pytest.fixture(scope='module')
def train_ids(tmp_path_factory):
    """The samples' annotations in mmseg's encoding."""
    folder = tmp_path_factory.mktemp('train_ids')
    for path in SAMPLES.glob('annotations/*/*.png'):
        raw = np.array(Image.open(path)).astype(int)
        ids = raw - (DROPPED[:, None, None] < raw).sum(0)
        ids[raw == 255] = 255
        name = f'{path.stem}_labelTrainIds.png'
        Image.fromarray(ids.astype(np.uint8)).save(folder / name)
    return folder


@needs_samples
def test_all_samples_are_read_and_their_class_shares_are_those_of_the_files():
    counted = np.zeros(256, np.int64)
    expected = np.zeros(256, np.int64)
    for split, number in zip(SPLITS, (13, 8)):
        data = dataset(split)
        assert len(data) == number
        for sample in data:
            raw = np.array(Image.open(sample['seg_map_path']))
            by_hand = coarse_by_hand(raw)
            assert np.array_equal(sample['gt_seg_map'], by_hand)
            assert sample['img'].shape[:2] == raw.shape
            counted += np.bincount(sample['gt_seg_map'].ravel(), minlength=256)
            expected += np.bincount(by_hand.ravel(), minlength=256)
    assert np.array_equal(counted, expected)
    # So that the comparison above means something for nearly all classes.
    assert (counted[:27] > 0).sum() >= 24
    assert counted[27:255].sum() == 0


@needs_samples
@pytest.mark.parametrize('split', SPLITS)
def test_both_encodings_give_the_same_classes(split, train_ids):
    for raw, converted in zip(
        dataset(split),
        dataset(split, labels=train_ids, seg_map_suffix='_labelTrainIds.png'),
    ):
        assert converted['seg_map_path'].endswith('_labelTrainIds.png')
        assert raw['img_path'] == converted['img_path']
        assert np.array_equal(raw['gt_seg_map'], converted['gt_seg_map'])


@needs_samples
@pytest.mark.parametrize('split', SPLITS)
def test_the_table_gives_the_membership_of_the_lists(split):
    listed = set()
    for sample in dataset(split):
        labels = sample['gt_seg_map']
        stuff = (labels >= 12) & (labels < 27)
        if min(labels.shape) >= 360 and stuff.mean() >= 0.75:
            listed.add(int(Path(sample['img_path']).stem))
    assert listed == LISTED[split]


@needs_samples
def test_raw_files_read_as_train_ids_are_an_error():
    data = dataset('train2017', encoding='train_ids', seg_map_suffix='.png')
    with pytest.raises(
        ValueError, match=r'\.png has ids \[1[78]\d.* outside the encoding \(0-170'
    ):
        for _ in data:
            pass


@needs_samples
def test_a_list_of_twelve_digit_ids_is_read(tmp_path):
    (tmp_path / 'list.txt').write_text('000000580986\n000000138805\n')
    data = dataset(
        'train2017',
        root=tmp_path,
        labels=SAMPLES / 'annotations/train2017',
        ann_file='list.txt',
    )
    names = [Path(sample['img_path']).name for sample in data]
    assert names == ['000000580986.jpg', '000000138805.jpg']


def one_image(tmp_path, name, labels, **kwargs):
    (tmp_path / 'img').mkdir(exist_ok=True)
    labels = np.array(labels, np.uint8)
    Image.new('RGB', labels.shape[::-1]).save(tmp_path / 'img/000000000009.jpg')
    Image.fromarray(labels).save(tmp_path / name)
    return COCOStuff27Dataset(
        data_root=str(tmp_path),
        data_prefix=dict(img_path='img', seg_map_path='.'),
        pipeline=PIPELINE,
        **kwargs,
    )


@pytest.mark.parametrize(
    'arguments, name, ids, classes',
    [
        (dict(), '000000000009.png', [0, 12, 181], [9, 8, 24]),
        (dict(encoding='raw'), '000000000009.png', [0, 12, 181], [9, 8, 24]),
        (
            dict(encoding='train_ids'),
            '000000000009_labelTrainIds.png',
            [0, 11, 170],
            [9, 8, 24],
        ),
        (
            dict(encoding='train_ids', seg_map_suffix='.png'),
            '000000000009.png',
            [0, 11, 170],
            [9, 8, 24],
        ),
        (
            dict(encoding='raw', seg_map_suffix='_pixelmaps.png'),
            '000000000009_pixelmaps.png',
            [0, 12, 181],
            [9, 8, 24],
        ),
    ],
)
def test_suffix_or_option_tell_the_encoding(tmp_path, arguments, name, ids, classes):
    data = one_image(tmp_path, name, [[*ids, 255]] * 2, **arguments)
    assert data[0]['gt_seg_map'].tolist() == [[*classes, 255]] * 2


@pytest.mark.parametrize('encoding, first_bad', [('raw', 182), ('train_ids', 171)])
def test_ids_outside_the_encoding_name_the_file(tmp_path, encoding, first_bad):
    name = '000000000009' + {'raw': '.png', 'train_ids': '_labelTrainIds.png'}[encoding]
    one_image(tmp_path, name, [[first_bad - 1, 255]] * 2, encoding=encoding)[0]
    data = one_image(tmp_path, name, [[0, first_bad]] * 2, encoding=encoding)
    with pytest.raises(ValueError, match=rf'{name} has ids \[{first_bad}\]'):
        data[0]


def test_contradicting_and_unknown_encodings_are_refused():
    with pytest.raises(ValueError, match="encoding must be one of .* got 'fine'"):
        COCOStuff27Dataset(encoding='fine')
    with pytest.raises(ValueError, match="encoding='raw' contradicts seg_map_suffix"):
        COCOStuff27Dataset(encoding='raw', seg_map_suffix='_labelTrainIds.png')
    with pytest.raises(ValueError, match="'_x.png' does not tell the encoding; set"):
        COCOStuff27Dataset(seg_map_suffix='_x.png')


def test_names_and_colors_are_27_different_ones():
    meta = COCOStuff27Dataset.METAINFO
    assert len(meta['classes']) == len(set(meta['classes'])) == 27
    assert len({tuple(color) for color in meta['palette']}) == 27
