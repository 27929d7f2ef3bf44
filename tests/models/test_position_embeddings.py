"""Interpolation by matrices is torch's antialiased bicubic one."""

import copy

import pytest
import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from vit_models import VITS

from mmseg_picie.models.backbones.position_embeddings import resize


@pytest.mark.parametrize('size', [(7, 7), (5, 9), (3, 2), (1, 1), (15, 4), (20, 31)])
def test_resize_is_torchs(size):
    maps = torch.randn(7, 7, 5, generator=torch.Generator().manual_seed(0))
    expected = F.interpolate(
        maps.permute(2, 0, 1)[None], size, mode='bicubic', antialias=True
    )
    assert torch.allclose(resize(maps, *size), expected[0].permute(1, 2, 0), atol=1e-6)


def test_a_copy_interpolates_its_own_embeddings():
    pytest.importorskip('transformers')
    model = VITS['dinov2_with_registers']
    built = MODELS.build(dict(type='TransformersBackbone', model=model))
    images = torch.randn(1, 3, 42, 28, generator=torch.Generator().manual_seed(0))
    other = copy.deepcopy(built)
    (before,) = built(images)
    with torch.no_grad():
        other.vit.embeddings.position_embeddings.mul_(50)
    assert torch.equal(built(images)[0], before)
    assert not torch.allclose(other(images)[0], before, atol=1e-3)
