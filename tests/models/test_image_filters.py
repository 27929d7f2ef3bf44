"""Net10a, and what a backbone sees of an image."""

import cv2
import numpy as np
import pytest
import torch
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS

from mmseg_picie.errors import InputError

CHANNELS = dict(rgb=3, gray=1, sobel=2, rgb_sobel=5)


def build(**config):
    init_default_scope('mmseg')
    return MODELS.build(config)


def images():
    g = torch.Generator().manual_seed(0)
    return torch.rand(2, 3, 12, 20, generator=g)


@pytest.mark.parametrize('inputs', CHANNELS)
def test_filters_are_those_of_opencv(inputs):
    filters = build(type='ImageFilters', inputs=inputs, backbone=dict(type='Net10a'))
    found = filters.filtered(images())
    assert found.shape == (2, CHANNELS[inputs], 12, 20)
    for image, own in zip(images().numpy(), found.numpy(), strict=True):
        gray = cv2.cvtColor(image.transpose(1, 2, 0), cv2.COLOR_RGB2GRAY)
        slopes = [
            cv2.Sobel(gray, cv2.CV_32F, *axis, borderType=cv2.BORDER_REPLICATE)
            for axis in ((1, 0), (0, 1))
        ]
        parts = dict(rgb=image, gray=gray[None], sobel=np.stack(slopes))
        parts['rgb_sobel'] = np.concatenate([image, *(s[None] for s in slopes)])
        assert np.allclose(own, parts[inputs], atol=1e-5)


def test_the_backbone_gets_as_many_channels_as_it_sees():
    filters = build(
        type='ImageFilters',
        inputs='rgb_sobel',
        backbone=dict(type='ResNet', depth=18, norm_cfg=dict(type='BN')),
    )
    assert filters.backbone.conv1.in_channels == 5
    assert len(filters.eval()(images())) == 4
    assert not [name for name in filters.state_dict() if 'kernels' in name]


def test_unknown_inputs_are_refused():
    with pytest.raises(InputError, match=r'backbone\.inputs must be one of'):
        build(type='ImageFilters', inputs='hsv', backbone=dict(type='Net10a'))


@pytest.mark.parametrize('width', [1.0, 0.25])
def test_net10a_is_the_published_table(width):
    net = build(type='Net10a', width=width)
    convs = [m for m in net.modules() if isinstance(m, torch.nn.Conv2d)]
    channels = [round(width * size) for size in (64, 128, 256, 256, 512, 512)]
    assert [conv.out_channels for conv in convs] == channels
    assert [conv.dilation[0] for conv in convs] == [1, 1, 1, 1, 2, 2]
    net.init_weights()
    (maps,) = net(torch.randn(2, 3, 16, 24))
    assert maps.shape == (2, channels[-1], 8, 12)
    assert net.out_channels == channels[-1]
    # He: activations neither vanish nor explode over six layers.
    assert 0.2 < float(maps.std()) < 2
