"""CamVid on the real images."""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mmseg_picie.datasets.camvid import CamVidDataset

ROOT = Path(
    os.environ.get(
        'MMSEG_PICIE_TEST_DATA', Path(__file__).parents[3] / 'shared' / 'data'
    )
)
CAMVID = ROOT / 'camvid'
needs_camvid = pytest.mark.skipif(
    not CAMVID.is_dir(), reason='set MMSEG_PICIE_TEST_DATA to the real samples'
)
PIPELINE = [
    dict(type='LoadImageFromFile'),
    dict(type='LoadAnnotations'),
    dict(type='RemapLabels'),
]


def build(split, pipeline=PIPELINE, **kwargs):
    prefix = dict(img_path='img', seg_map_path='ann')
    return CamVidDataset(
        data_root=str(CAMVID),
        ann_file=f'splits/{split}.txt',
        data_prefix=prefix,
        pipeline=pipeline,
        **kwargs,
    )


@needs_camvid
@pytest.mark.parametrize('split, number', [('train', 367), ('val', 101), ('test', 233)])
def test_a_split_holds_the_listed_images_in_order(split, number):
    dataset = build(split)
    listed = (CAMVID / f'splits/{split}.txt').read_text().split()
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    assert len(infos) == number
    assert [Path(info['img_path']).stem for info in infos] == listed
    assert all(Path(info['seg_map_path']).is_file() for info in infos)


@needs_camvid
def test_labels_are_those_of_the_files():
    seen = set()
    for sample in build('val', indices=list(range(0, 101, 10))):
        stored = np.array(Image.open(sample['seg_map_path']))
        assert np.array_equal(sample['gt_seg_map'], stored)
        assert sample['img'].shape == (360, 480, 3)
        seen |= set(np.unique(stored).tolist())
    assert seen == {*range(11), 255}


@needs_camvid
def test_sky_is_above_the_road():
    rows = {name: [] for name in ('sky', 'road')}
    dataset = build('val', indices=20)
    for sample in dataset:
        for name in rows:
            index = dataset.metainfo['classes'].index(name)
            rows[name].extend(np.nonzero(sample['gt_seg_map'] == index)[0][::50])
    assert np.mean(rows['sky']) < 120 < 220 < np.mean(rows['road'])


def test_eleven_names_and_colors():
    meta = CamVidDataset.METAINFO
    assert len(set(meta['classes'])) == 11
    assert len({tuple(color) for color in meta['palette']}) == 11
