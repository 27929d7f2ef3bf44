"""ResNet-50s by the authors' names load into mmseg's ResNet, or are refused."""

import pytest
import torch
from mmseg.registry import MODELS

from mmseg_picie.checkpoints.convert_resnets import convert_resnet
from mmseg_picie.checkpoints.convert_weights import convert_weights
from mmseg_picie.errors import InputError


@pytest.fixture(scope='module')
def weights():
    """A ResNet-50 by torchvision's names; each tensor has one value, which is its own.

    Such files are small.
    """
    state = MODELS.build(dict(type='ResNet', depth=50)).state_dict()
    assert 'layer1.0.downsample.0.weight' in state and len(state) == 318
    return {
        name: torch.tensor(1.0 + index).expand(value.shape)
        if value.is_floating_point()
        else value
        for index, (name, value) in enumerate(state.items())
    }


def below(prefix, **others):
    others = {name.replace('__', '.'): torch.ones(2) for name in others}
    return lambda state: {f'{prefix}{k}': v for k, v in state.items()} | others


WRAPS = dict(
    moco=[
        lambda state: dict(
            arch='resnet50',
            state_dict=below('module.encoder_q.', module__queue=1)(state)
            | {f'module.encoder_k.{name}': -value for name, value in state.items()}
            | {'module.encoder_q.fc.0.weight': torch.ones(2)},
        ),
        lambda state: dict(state_dict=below('module.base_encoder.')(state)),
    ],
    simclr=[
        lambda state: dict(state_dict=below('convnet.', projection__0__bias=1)(state)),
        lambda state: below('backbone.')(state),
        lambda state: dict(state_dict=below('module.encoder.')(state)),
        lambda state: dict(state_dict=below('', fc__weight=1)(state)),
    ],
    swav=[below('module.', module__prototypes__weight=1)],
    dino=[
        below(''),
        below('module.', module__fc__weight=1),
        lambda state: dict(
            student=below('module.backbone.')(dict.fromkeys(state, torch.ones(1))),
            teacher=below('module.backbone.', module__head__mlp__0__bias=1)(state),
        ),
        lambda state: dict(teacher=below('backbone.')(state)),
    ],
)


@pytest.mark.parametrize(
    'method, wrap', [(method, wrap) for method in WRAPS for wrap in WRAPS[method]]
)
def test_the_network_of_the_file_is_loaded(method, wrap, weights, tmp_path):
    file, out = tmp_path / 'authors.pth.tar', tmp_path / 'converted.pth'
    torch.save(wrap(weights), file)
    converted = convert_weights(method, file, out)
    assert converted.count == 318 - 53 and not converted.has_classifier
    resnet = MODELS.build(converted.backbone)
    resnet.init_weights()
    loaded = resnet.state_dict()
    for name, value in weights.items():
        if value.is_floating_point():
            assert torch.equal(loaded[name], value), name


def test_old_files_without_counters_are_whole(weights):
    old = {k: v for k, v in weights.items() if not k.endswith('num_batches_tracked')}
    assert len(convert_resnet(old, 'dino')[0]) == 318 - 53


def test_a_classifier_of_imagenet_is_named(weights):
    state = weights | {'fc.weight': torch.zeros(1000, 2048)}
    assert convert_resnet(state, 'simclr')[1]
    assert not convert_resnet(weights | {'fc.weight': torch.ones(128, 2)}, 'simclr')[1]


@pytest.mark.parametrize('method', ['moco', 'simclr', 'swav', 'dino'])
def test_files_of_another_method_are_refused(method, weights):
    other = {f'net.{name}': value for name, value in weights.items()}
    message = f'no ResNet-50 by the names of {method}: .* begin with net.conv1.weight'
    with pytest.raises(InputError, match=message):
        convert_resnet(other, method)


def test_a_wider_network_is_refused(weights):
    wide = weights | {'layer1.0.conv1.weight': torch.zeros(128, 64, 1, 1)}
    message = r'not of a ResNet-50 of swav: it has in another shape layer1\.0\.conv1'
    with pytest.raises(InputError, match=message):
        convert_resnet(wide, 'swav')


def test_a_network_with_a_part_missing_is_refused(weights):
    part = {k: v for k, v in weights.items() if k != 'bn1.weight'}
    with pytest.raises(InputError, match=r'it lacks bn1\.weight \(1 in all\)$'):
        convert_resnet(part, 'dino')
