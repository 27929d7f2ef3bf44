"""The data configs build and give samples of the right shape."""

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
    'image_folder': (image_folder, None, 320, (320, 427), None),
}


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
