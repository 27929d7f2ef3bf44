"""One setting in two places: options change both, and the figures say so."""

import json

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmseg.apis import inference_model, init_model
from PIL import Image
from small_run import run

from mmseg_picie.cli import test as command
from mmseg_picie.cli.merged_options import merge_options

RESIZE = 'test_pipeline.3.size'


@pytest.fixture
def cfg(config):
    """A config whose test images are resized, as read from a file."""
    cfg = config()
    steps = cfg.test_pipeline
    steps.insert(3, dict(type='ResizeShortSide', size=40))
    cfg.merge_from_dict(dict(test_pipeline=steps))
    for loader in (cfg.val_dataloader, cfg.test_dataloader):
        loader.dataset.pipeline = steps
    cfg.meta_keys, cfg.batch_size = ('a', 'b'), cfg.val_dataloader.batch_size
    return Config(cfg.to_dict())


def sizes(cfg):
    pipelines = (
        cfg.test_pipeline,
        cfg.val_dataloader.dataset.pipeline,
        cfg.test_dataloader.dataset.pipeline,
    )
    return [steps[3].size for steps in pipelines]


def test_test_pipeline_changes_the_loaders_it_went_to(cfg):
    merge_options(cfg, {RESIZE: 24})
    assert sizes(cfg) == [24, 24, 24]


def test_pipeline_of_the_test_loader_changes_test_pipeline(cfg):
    merge_options(cfg, {'test_dataloader.dataset.pipeline.3.size': 24})
    assert sizes(cfg) == [24, 40, 24]


def test_other_options_leave_the_pipelines_alone(cfg):
    before = cfg.to_dict()
    merge_options(cfg, {'optim_wrapper.optimizer.lr': 1.0})
    before['optim_wrapper']['optimizer']['lr'] = 1.0
    assert cfg.to_dict() == before


def test_variable_that_no_longer_holds_is_taken_out(cfg):
    merge_options(cfg, {'val_dataloader.batch_size': 5})
    assert 'batch_size' not in cfg
    assert cfg.meta_keys == ('a', 'b')  # nothing got its value


def test_tool_inference_and_protocol_agree_after_an_option(cfg, tmp_path, capsys):
    cfg.work_dir = str(tmp_path / 'run')
    run(cfg)
    path = tmp_path / 'config.py'
    cfg.dump(path)
    checkpoint, masks = tmp_path / 'run' / 'epoch_1.pth', tmp_path / 'masks'
    options = [f'test_dataloader.dataset.pipeline.3.size={24}']
    argv = [str(path), str(checkpoint), '--work-dir', str(tmp_path / 'tested')]
    argv += ['--out', str(masks), '--cfg-options', *options]
    assert command.main(argv) == 0
    (dumped,) = (tmp_path / 'tested').glob('*/config.py')
    (figures,) = (tmp_path / 'tested').glob('*/matching.json')
    assert 'network short side 24 px' in json.loads(figures.read_text())['protocol']
    model = init_model(str(dumped), str(checkpoint), device='cpu')
    root = cfg.test_dataloader.dataset.data_root
    for file in sorted(masks.glob('*.png')):
        output = inference_model(model, f'{root}/img/{file.stem}.jpg')
        ours = output.pred_sem_seg.data[0].to(torch.uint8).numpy()
        assert np.array_equal(ours, np.array(Image.open(file)))


def test_test_leaves_the_config_it_was_given(cfg, tmp_path):
    cfg.work_dir = str(tmp_path / 'run')
    run(cfg)
    path = tmp_path / 'run' / 'config.py'
    cfg.dump(path)
    before = path.read_bytes()
    argv = [str(path), str(tmp_path / 'run' / 'epoch_1.pth')]
    assert command.main([*argv, '--out', str(tmp_path / 'first')]) == 0
    assert path.read_bytes() == before
    first = {p.name: p.stat().st_mtime_ns for p in (tmp_path / 'first').iterdir()}
    assert command.main(argv) == 0  # without --out: writes no masks anywhere
    assert {
        p.name: p.stat().st_mtime_ns for p in (tmp_path / 'first').iterdir()
    } == first
    assert not Config.fromfile(path).get('custom_hooks')
