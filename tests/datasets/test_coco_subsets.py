"""The subsets of COCO-Stuff-27 against the whole."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmseg_picie.datasets.coco_stuff import COCOStuff27Dataset
from mmseg_picie.datasets.coco_subsets import (
    COCOStuff3Dataset,
    COCOStuff15Dataset,
    COCOThings12Dataset,
)

ROOT = Path(
    os.environ.get(
        'MMSEG_PICIE_TEST_DATA', Path(__file__).parents[3] / 'shared' / 'data'
    )
)
SAMPLES = ROOT / 'coco_stuff_samples'
PIPELINE = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='RemapLabels'),
]
# Super-classes in the order of the classes.
SUBSETS = [
    (COCOStuff15Dataset, list(range(12, 27))),
    (COCOStuff3Dataset, [23, 22, 21]),
    (COCOThings12Dataset, list(range(12))),
]


def labels(kind, root, images, annotations):
    data = kind(
        data_root=str(root),
        data_prefix=dict(img_path=images, seg_map_path=annotations),
        pipeline=PIPELINE,
    )
    return [sample['gt_seg_map'] for sample in data]


@pytest.mark.skipif(
    not SAMPLES.is_dir(), reason='set MMSEG_PICIE_TEST_DATA to the real samples'
)
@pytest.mark.parametrize('kind, coarse', SUBSETS)
def test_real_labels_are_those_of_the_27_classes_renumbered(kind, coarse):
    seen = set()
    for split in ('train2017', 'val2017'):
        folders = (f'images/{split}', f'annotations/{split}')
        for whole, part in zip(
            labels(COCOStuff27Dataset, SAMPLES, *folders),
            labels(kind, SAMPLES, *folders),
        ):
            expected = np.full_like(whole, 255)
            for index, old in enumerate(coarse):
                expected[whole == old] = index
            assert np.array_equal(part, expected)
            seen |= set(np.unique(part).tolist())
    assert 255 in seen and len(seen) >= 0.75 * len(coarse) + 1


@pytest.mark.parametrize(
    'kind, expected',
    [
        # person, ceiling, sky, grass (plant), road (ground), river (water), none
        (COCOStuff15Dataset, [255, 0, 11, 10, 9, 14, 255]),
        (COCOStuff3Dataset, [255, 255, 0, 1, 2, 255, 255]),
        (COCOThings12Dataset, [9, 255, 255, 255, 255, 255, 255]),
    ],
)
@pytest.mark.parametrize('suffix', ['.png', '_labelTrainIds.png'])
def test_ids_of_both_encodings_become_the_classes(tmp_path, kind, expected, suffix):
    raw = [0, 101, 156, 123, 148, 147, 255]
    if suffix != '.png':
        raw = [0, 90, 145, 112, 137, 136, 255]  # 11 ids are left out below 91
    Image.new('RGB', (7, 2)).save(tmp_path / '000000000009.jpg')
    Image.fromarray(np.array([raw] * 2, np.uint8)).save(
        tmp_path / f'000000000009{suffix}'
    )
    data = kind(
        data_root=str(tmp_path),
        data_prefix=dict(img_path='.', seg_map_path='.'),
        seg_map_suffix=suffix,
        pipeline=PIPELINE,
    )
    assert data[0]['gt_seg_map'].tolist() == [expected] * 2


@pytest.mark.parametrize('kind, coarse', SUBSETS)
def test_names_and_colors_follow_the_classes(kind, coarse):
    whole = COCOStuff27Dataset.METAINFO
    assert list(kind.METAINFO['classes']) == [whole['classes'][i] for i in coarse]
    assert kind.METAINFO['palette'] == [whole['palette'][i] for i in coarse]
    # Things and stuff do not divide what is all of one kind.
    assert 'partitions' not in kind.METAINFO
