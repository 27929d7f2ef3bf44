"""mmseg-picie convert, as it is typed."""

import ast

import pytest
import torch
from click.testing import CliRunner
from mmseg.registry import MODELS

import mmseg_picie_command
from mmseg_picie.checkpoints import CONVERTED_METHODS
from mmseg_picie.cli.convert import STEGO


def call(*arguments):
    return CliRunner().invoke(mmseg_picie_command.main, [str(a) for a in arguments])


@pytest.fixture
def moco(tmp_path):
    state = MODELS.build(dict(type='ResNet', depth=50)).state_dict()
    state = {
        f'module.encoder_q.{name}': torch.tensor(0.5).expand(value.shape)
        for name, value in state.items()
    }
    file = tmp_path / 'moco_v2_800ep_pretrain.pth.tar'
    torch.save(dict(epoch=800, arch='resnet50', state_dict=state), file)
    return file


def test_methods_of_the_command_are_those_of_the_package():
    assert set(mmseg_picie_command.CONVERTED) == {*CONVERTED_METHODS, STEGO}


def test_the_printed_line_is_the_config_of_the_backbone(moco, tmp_path):
    out = tmp_path / 'weights' / 'moco.pth'
    result = call('convert', 'moco', moco, '--out', out)
    assert result.exit_code == 0, result.output
    line = next(line for line in result.output.splitlines() if '_delete_' in line)
    settings = {
        keyword.arg: keyword.value for keyword in ast.parse(line).body[0].value.keywords
    }
    assert ast.literal_eval(settings['type']) == 'ResNet'
    assert ast.literal_eval(settings['init_cfg']) == dict(
        type='Pretrained', checkpoint=str(out)
    )
    resnet = MODELS.build(
        dict(type='ResNet', depth=50, init_cfg=ast.literal_eval(settings['init_cfg']))
    )
    resnet.init_weights()
    assert (resnet.conv1.weight == 0.5).all()


def test_what_is_wrong_is_one_line(moco, tmp_path):
    result = call('convert', 'dino', moco, '--out', tmp_path / 'out.pth')
    assert result.exit_code == 2
    assert 'is no ResNet-50 by the names of dino' in result.output
    assert len(result.output.strip().splitlines()) == 1
    result = call('convert', 'dino', tmp_path / 'none.pth', '--out', tmp_path / 'o')
    assert result.exit_code == 2 and 'does not exist' in result.output
