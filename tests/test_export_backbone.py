"""tools/export_backbone.py: weights that other configs of mmseg start from."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch
from mmengine.config import Config
from mmseg.registry import MODELS
from small_run import CHANNELS

from mmseg_picie.checkpoints.export_backbone import export_backbone
from mmseg_picie.checkpoints.pretrained import read_run_checkpoint

ROOT = Path(__file__).resolve().parents[1]
CONFIG = ROOT / 'configs/supervised/fpn_r18_camvid.py'


@pytest.fixture(scope='module')
def checkpoint(trained) -> Path:
    return trained / 'epoch_1.pth'


def stored(path, prefix) -> dict:
    state = read_run_checkpoint(str(path))['state_dict']
    return {k[len(prefix) :]: v for k, v in state.items() if k.startswith(prefix)}


def assert_equal_states(module, expected):
    state = module.state_dict()
    assert state.keys() == expected.keys()
    for name, value in state.items():
        assert torch.equal(value, expected[name]), name


def test_supervised_config_starts_from_the_exported_backbone(checkpoint, tmp_path):
    out = tmp_path / 'weights' / 'out.pth'
    export_backbone(checkpoint, out)
    cfg = Config.fromfile(CONFIG)
    init = dict(type='Pretrained', checkpoint=str(out), prefix='backbone.')
    cfg.merge_from_dict({'model.backbone.init_cfg': init})
    cfg.model.backbone.base_channels = CHANNELS[0]
    cfg.model.neck.in_channels = CHANNELS
    model = MODELS.build(cfg.model)
    model.init_weights()
    assert_equal_states(model.backbone, stored(checkpoint, 'backbone.'))


def test_neck_is_exported_on_request(checkpoint, tmp_path):
    out = tmp_path / 'out.pth'
    export_backbone(checkpoint, out, with_neck=True)
    neck = MODELS.build(
        dict(
            type='LateralSumFPN',
            in_channels=CHANNELS,
            out_channels=8,
            init_cfg=dict(type='Pretrained', checkpoint=str(out), prefix='neck.'),
        )
    )
    neck.init_weights()
    assert_equal_states(neck, stored(checkpoint, 'neck.'))
    assert stored(out, 'backbone.').keys() == stored(checkpoint, 'backbone.').keys()


def test_only_what_was_asked_for_is_in_the_file(checkpoint, tmp_path):
    out = tmp_path / 'out.pth'
    export_backbone(checkpoint, out)
    loaded = torch.load(out)
    assert list(loaded) == ['state_dict']
    assert all(name.startswith('backbone.') for name in loaded['state_dict'])
    assert all(value.is_contiguous() for value in loaded['state_dict'].values())


def test_averaged_weights_are_taken(tmp_path):
    # As mmengine's EMAHook leaves them: averages in state_dict, the others apart.
    source = tmp_path / 'epoch_1.pth'
    state = {'backbone.conv.weight': torch.full((2,), 3.0)}
    raw = {'module.backbone.conv.weight': torch.zeros(2), 'steps': torch.tensor(1)}
    torch.save(dict(state_dict=state, ema_state_dict=raw, meta={}), source)
    counts, averaged = export_backbone(source, tmp_path / 'out.pth')
    assert averaged
    assert counts == {'backbone.': 1}
    assert stored(tmp_path / 'out.pth', 'backbone.conv.')['weight'].tolist() == [3, 3]


@pytest.mark.parametrize(
    'content, with_neck, words',
    [
        ({'conv.weight': torch.zeros(1)}, False, 'no checkpoint of a training run'),
        (
            {'state_dict': {'head.weight': torch.zeros(1)}},
            False,
            r"no backbone\.\* weights, its parts are \['head'\]",
        ),
        (
            {'state_dict': {'backbone.weight': torch.zeros(1)}},
            True,
            r'no neck\.\* weights.*leave out --with-neck',
        ),
    ],
)
def test_other_files_are_refused(content, with_neck, words, tmp_path):
    torch.save(content, tmp_path / 'in.pth')
    with pytest.raises(ValueError, match=words):
        export_backbone(tmp_path / 'in.pth', tmp_path / 'out.pth', with_neck)
    assert not (tmp_path / 'out.pth').exists()


def test_text_is_refused(tmp_path):
    (tmp_path / 'in.pth').write_text('no weights')
    with pytest.raises(ValueError, match='in.pth is damaged, cut short, or holds'):
        export_backbone(tmp_path / 'in.pth', tmp_path / 'out.pth')


def test_checkpoint_is_not_overwritten(checkpoint):
    before = checkpoint.stat().st_size
    with pytest.raises(ValueError, match='another file than the checkpoint'):
        export_backbone(checkpoint, checkpoint)
    assert checkpoint.stat().st_size == before


def test_tool_prints_the_line_that_loads_the_file(checkpoint, tmp_path):
    out = tmp_path / 'out.pth'
    done = subprocess.run(
        [sys.executable, ROOT / 'tools/export_backbone.py', checkpoint, out],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    line = f"dict(type='Pretrained', checkpoint='{out}', prefix='backbone.')"
    assert f'backbone=dict(..., init_cfg={line})' in done.stdout
