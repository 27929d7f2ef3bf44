"""Backbones that load weights themselves refuse those of another architecture."""

import logging

import pytest
import torch
from mmengine.model import BaseModule
from mmengine.registry import DefaultScope
from mmseg.registry import MODELS

from mmseg_picie.checkpoints.loading_checks import check_loading
from mmseg_picie.errors import InputError

VALUE = 3.0
VIT = dict(img_size=32, patch_size=8, embed_dims=8, num_layers=2, num_heads=1)
BACKBONES = dict(
    SwinTransformer=dict(
        embed_dims=8, depths=(1,) * 4, num_heads=(1,) * 4, window_size=3
    ),
    VisionTransformer=dict(VIT, out_indices=(0, 1)),
    BEiT=dict(VIT, out_indices=(0, 1), init_values=0.1),
    MAE=dict(VIT, out_indices=(0, 1)),
    MixVisionTransformer=dict(embed_dims=8, num_layers=[1] * 4, num_heads=[1] * 4),
    PIDNet=dict(channels=8, ppm_channels=8),
)
# What of a network of another size is brought to the size of this one.
RESIZED = dict(
    SwinTransformer=(dict(window_size=2), 'relative_position_bias_table'),
    VisionTransformer=(dict(img_size=16), 'pos_embed'),
    MAE=(dict(img_size=16), 'pos_embed'),
)


@pytest.fixture(autouse=True)
def scope():
    logging.getLogger('mmengine').setLevel(logging.ERROR)
    with DefaultScope.overwrite_default_scope('mmseg'):
        yield


def state_of(name, **changes):
    """Weights of the network, all of one value."""
    network = MODELS.build(dict(BACKBONES[name] | changes, type=name))
    return {
        key: torch.full_like(value, VALUE) if value.is_floating_point() else value
        for key, value in network.state_dict().items()
    }


def initialized(name, state, tmp_path, **init_cfg):
    """A segmentor's backbone after ``init_weights`` with a file of weights."""
    file = tmp_path / 'weights.pth'
    torch.save(state, file)
    init_cfg = dict(type='Pretrained', checkpoint=str(file), **init_cfg)
    backbone = dict(BACKBONES[name], type=name, init_cfg=init_cfg)
    head = dict(type='FCNHead', in_channels=8, channels=4, num_classes=2)
    model = MODELS.build(
        dict(type='EncoderDecoder', backbone=backbone, decode_head=head)
    )
    model.init_weights()
    assert model.backbone.init_cfg == init_cfg
    return model.backbone


def assert_loaded(backbone):
    for name, value in backbone.state_dict().items():
        if value.is_floating_point():
            assert (value == VALUE).all(), name


@pytest.mark.parametrize('name', BACKBONES)
def test_weights_of_a_resnet_are_refused(name, tmp_path):
    resnet = MODELS.build(dict(type='ResNet', depth=18, base_channels=4))
    with pytest.raises(
        InputError, match=rf'weights\.pth has 0 of .* of {name} by name'
    ):
        initialized(name, resnet.state_dict(), tmp_path)


@pytest.mark.parametrize('name', BACKBONES)
def test_their_own_weights_are_loaded(name, tmp_path):
    assert_loaded(initialized(name, state_of(name), tmp_path))


@pytest.mark.parametrize('name', RESIZED)
def test_weights_of_another_size_are_converted(name, tmp_path):
    changes, part = RESIZED[name]
    other = {k: v for k, v in state_of(name, **changes).items() if part in k}
    own = initialized(name, state_of(name) | other, tmp_path).state_dict()
    assert other
    for key in other:
        assert own[key].shape != other[key].shape
        # Between equal values there is nothing but that value.
        assert torch.allclose(own[key], torch.full_like(own[key], VALUE))


@pytest.mark.parametrize('name', BACKBONES)
def test_a_prefix_is_heeded(name, tmp_path):
    state = {f'backbone.{key}': value for key, value in state_of(name).items()}
    state['decode_head.conv_seg.bias'] = torch.zeros(2)
    assert_loaded(initialized(name, state, tmp_path, prefix='backbone.'))


@pytest.mark.parametrize('name', sorted({*BACKBONES} - {'SwinTransformer'}))
def test_a_missing_prefix_is_named(name, tmp_path):
    """Swin takes it off itself."""
    state = {f'backbone.{key}': value for key, value in state_of(name).items()}
    with pytest.raises(InputError, match=r'model\.backbone\.init_cfg\.prefix=backbone'):
        initialized(name, state, tmp_path)


def test_a_network_of_another_depth_is_refused_with_its_name(tmp_path):
    state = state_of('BEiT', num_layers=4)  # its conversion stops at the third
    with pytest.raises(InputError, match=r'weights\.pth .* BEiT: KeyError: .layers.2'):
        initialized('BEiT', state, tmp_path)


def test_checks_end_with_the_initialization(tmp_path):
    backbone = initialized('BEiT', state_of('BEiT'), tmp_path)
    result = backbone.load_state_dict({}, strict=False)
    assert result.missing_keys
    assert 'init_weights' not in vars(backbone)


def test_checking_twice_is_checking_once():
    before = BaseModule.init_weights
    check_loading()
    assert BaseModule.init_weights is before
