"""Weights of another architecture are refused, those that nearly fit are not."""

import os
from pathlib import Path

import pytest
import torch
from mmengine.registry import DefaultScope
from mmseg.registry import MODELS

from mmseg_picie.checkpoints.pretrained import check_matches, read_run_checkpoint

DATA = Path(os.environ.get('MMSEG_PICIE_TEST_DATA', '../shared/data'))


def resnet(depth=18, **init_cfg):
    backbone = dict(type='ResNet', depth=depth, norm_cfg=dict(type='BN'))
    if init_cfg:
        backbone['init_cfg'] = dict(type='Pretrained', **init_cfg)
    return MODELS.build(backbone)


def initialize(model):
    with DefaultScope.overwrite_default_scope('mmseg'):
        model.init_weights()


def stored(tmp_path, change=lambda state: state):
    file = tmp_path / 'weights.pth'
    state = resnet().state_dict()
    state = {name: torch.full_like(value, 3) for name, value in state.items()}
    torch.save(change(state), file)
    return str(file)


def is_loaded(model, name='layer1.0.conv1.weight'):
    return bool((model.state_dict()[name] == 3).all())


def test_weights_of_the_network_are_loaded(tmp_path):
    model = resnet(checkpoint=stored(tmp_path))
    initialize(model)
    assert is_loaded(model)


def test_a_file_without_some_convolutions_passes(tmp_path):
    def cut(state):
        names = [n for n in state if n.startswith('layer4') and state[n].ndim == 4]
        for name in names:
            del state[name]
        return state

    model = resnet(checkpoint=stored(tmp_path, cut))
    initialize(model)
    assert is_loaded(model)
    assert not is_loaded(model, 'layer4.0.conv1.weight')


def test_weights_of_another_width_or_name_are_refused(tmp_path):
    file = stored(tmp_path)
    with pytest.raises(ValueError, match=r'weights\.pth has \d+ of .*init_cfg='):
        initialize(resnet(depth=50, checkpoint=file))
    file = stored(tmp_path, lambda s: {f'net.{name}': v for name, v in s.items()})
    with pytest.raises(ValueError, match=r'has 0 of the 100 weights of ResNet'):
        initialize(resnet(checkpoint=file))


def test_a_whole_model_is_told_to_need_a_prefix(tmp_path):
    file = stored(tmp_path, lambda s: {f'backbone.{name}': v for name, v in s.items()})
    with pytest.raises(ValueError, match=r'model\.backbone\.init_cfg\.prefix=backbone'):
        initialize(resnet(checkpoint=file))
    model = resnet(checkpoint=file, prefix='backbone')
    initialize(model)
    assert is_loaded(model)


def test_a_missing_file_names_the_setting(tmp_path):
    with pytest.raises(FileNotFoundError, match=r'none\.pth.*init_cfg=None'):
        initialize(resnet(checkpoint=str(tmp_path / 'none.pth')))


@pytest.mark.skipif(not (DATA / 'weights').is_dir(), reason='no MMSEG_PICIE_TEST_DATA')
def test_published_weights_fit_their_network_only():
    initialize(resnet(checkpoint=str(DATA / 'weights/resnet18_in1k_l1to3_mmseg.pth')))
    other = str(DATA / 'weights/mobilenetv2_in1k_mmseg.pth')
    with pytest.raises(ValueError, match='has 0 of the'):
        initialize(resnet(checkpoint=other))


def test_batch_norm_counters_do_not_count():
    norm = torch.nn.BatchNorm2d(2)
    state = dict(weight=torch.ones(2), bias=torch.ones(2))
    check_matches(norm, state, 'file', 'remedy')  # 2 of 4
    with pytest.raises(ValueError, match='has 1 of the 4'):
        check_matches(norm, dict(weight=torch.ones(2)), 'file', 'remedy')


def test_plain_weights_are_no_checkpoint_of_a_run(tmp_path):
    file = tmp_path / 'weights.pth'
    torch.save(dict(w=torch.ones(1)), file)
    with pytest.raises(ValueError, match=r'weights\.pth .*no state_dict.*init_cfg'):
        read_run_checkpoint(str(file))
    torch.save(dict(state_dict=dict(w=torch.ones(1))), file)
    assert list(read_run_checkpoint(str(file))['state_dict']) == ['w']
    with pytest.raises(ValueError, match='no meta, message_hub'):
        read_run_checkpoint(str(file), resume=True)
