"""The data configs build and give samples of the right shape."""

import json
import os
from pathlib import Path

import pytest
import torch
from layouts import (
    camvid,
    cityscapes27,
    coco_stuff3,
    coco_stuff27,
    coco_things12,
    held_out,
    image_folder,
    potsdam_patches,
    potsdam_tiles,
)
from mmengine.config import Config
from mmengine.runner import Runner

import mmseg_picie.datasets  # noqa: F401, registers

CONFIGS = Path(__file__).parents[2] / 'configs/_base_/datasets'
ROOT = Path(
    os.environ.get(
        'MMSEG_PICIE_TEST_DATA', Path(__file__).parents[3] / 'shared' / 'data'
    )
)


# Layout, class of its labels, side of the views, shape of a test input and its label.
CASES = {
    'camvid': (camvid, 3, 128, (128, 171), (90, 120)),
    'coco_stuff27': (coco_stuff27, 24, 320, (320, 320), (320, 320)),
    'coco_stuff15': (coco_stuff27, 12, 320, (320, 320), (320, 320)),
    'coco_stuff3': (coco_stuff3, 1, 320, (320, 320), (320, 320)),
    'coco_things12': (coco_things12, 10, 320, (320, 320), (320, 320)),
    'potsdam6': (potsdam_patches, 5, 200, (200, 200), (200, 200)),
    'potsdam3': (potsdam_patches, 1, 200, (200, 200), (200, 200)),
    'potsdam6_tiles': (potsdam_tiles, 5, 256, (256, 256), (512, 512)),
    'potsdam3_tiles': (potsdam_tiles, 1, 256, (256, 256), (512, 512)),
    'cityscapes27': (cityscapes27, 26, 320, (320, 320), (320, 320)),
    'blood_cells': (held_out, 2, 96, (96, 128), (90, 120)),
    'faces': (held_out, 2, 128, (128, 171), (90, 120)),
    'dubai_tiles': (held_out, 2, 128, (128, 171), (90, 120)),
    'image_folder': (image_folder, None, 320, (320, 427), None),
}


PARTS = ('train', 'val', 'test')


def loader(config, name, root):
    cfg = Config.fromfile(CONFIGS / f'{config}.py')[name]
    cfg.dataset.data_root = str(root)
    cfg.num_workers, cfg.persistent_workers = 0, False
    return Runner.build_dataloader(cfg, seed=0)


@pytest.mark.parametrize('config', CASES)
def test_loaders_give_views_and_test_samples(config, tmp_path):
    make, index, side, shape, label_shape = CASES[config]
    make(tmp_path)
    train = loader(config, 'train_dataloader', tmp_path)
    for batch in train:
        for view in ('view1', 'view2'):
            assert batch['inputs'][view].shape[1:] == (3, side, side)
    for name in ('val_dataloader', 'test_dataloader'):
        for batch in loader(config, name, tmp_path):
            sample = batch['data_samples'][0]
            assert batch['inputs'][0].shape == (3, *shape)
            assert sample.img_shape == shape
            if index is None:
                assert 'gt_sem_seg' not in sample
                assert sample.ori_shape == (90, 120)
            else:
                labels = sample.gt_sem_seg.data
                assert torch.equal(labels, torch.full((1, *label_shape), index))
                assert sample.ori_shape == label_shape


@pytest.mark.skipif(
    not (ROOT / 'camvid').is_dir(), reason='set MMSEG_PICIE_TEST_DATA to the samples'
)
def test_camvid_splits_go_where_they_belong():
    for name, number in (
        ('train_dataloader', 367),
        ('val_dataloader', 101),
        ('test_dataloader', 233),
    ):
        assert len(loader('camvid', name, ROOT / 'camvid').dataset) == number


# Images of train, of every fifth of the list, of test; classes.
HELD_OUT = {
    'blood_cells': (180, 45, 75, 3),
    'faces': (161, 41, 142, 6),
    'dubai_tiles': (424, 107, 126, 5),
}


@pytest.mark.parametrize('name', HELD_OUT)
def test_real_sets_without_a_validation_list_hold_out_every_fifth_image(name):
    root = ROOT / name
    if not root.is_dir():
        pytest.skip('set MMSEG_PICIE_TEST_DATA to the samples')
    *counts, num_classes = HELD_OUT[name]
    sets = [loader(name, f'{p}_dataloader', root).dataset for p in PARTS]
    assert [len(images) for images in sets] == counts
    paths = [
        {images.get_data_info(i)['img_path'] for i in range(n)}
        for images, n in zip(sets, counts)
    ]
    assert len(set.union(*paths)) == sum(counts)
    meta = json.loads((root / 'meta.json').read_text())
    for images in sets[1:]:
        assert list(images.metainfo['classes']) == meta['classes']
        assert set(images[0]['data_samples'].gt_sem_seg.data.unique().tolist()) <= {
            *range(num_classes),
            255,
        }
    assert Config.fromfile(CONFIGS / f'{name}.py').num_classes == num_classes
