"""The supervised config of a folder takes labels of some of its images."""

import shutil
from pathlib import Path

from mmengine.config import Config
from mmengine.runner import Runner

import mmseg_picie  # noqa: F401, registers
from mmseg_picie.cli.config_edits import set_data_root
from mmseg_picie.datasets.scenes import SCENE_CLASSES, generate_scenes

CONFIG = Path(__file__).parents[2] / 'configs/supervised/fpn_lite0_folder.py'
LABELED = 2


def test_config_trains_on_the_labeled_images_alone(tmp_path):
    generate_scenes(tmp_path, dict(train=4, val=2), size=(64, 96))
    shutil.copytree(tmp_path / 'annotations', tmp_path / 'labels')
    for path in sorted((tmp_path / 'labels/train').iterdir())[LABELED:]:
        path.unlink()
    (tmp_path / 'classes.txt').write_text('\n'.join(SCENE_CLASSES) + '\n')
    cfg = Config.fromfile(CONFIG)
    assert cfg.model.backbone.init_cfg.checkpoint == 'package://efficientnet-lite0'
    set_data_root(cfg, str(tmp_path))
    cfg.work_dir = str(tmp_path / 'run')
    cfg.model.backbone.init_cfg = None
    cfg.model.decode_head.num_classes = len(SCENE_CLASSES)
    cfg.train_cfg.update(max_iters=1, val_interval=1)
    cfg.train_dataloader.batch_size = LABELED
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        loader.update(num_workers=0, persistent_workers=False)
    runner = Runner.from_cfg(cfg)
    runner.train()
    assert len(runner.train_dataloader.dataset) == LABELED
    assert runner.val_dataloader.dataset.metainfo['classes'] == SCENE_CLASSES
    assert 0 <= runner.message_hub.get_scalar('val/mIoU').current() <= 100
