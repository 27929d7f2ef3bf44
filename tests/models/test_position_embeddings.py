"""Interpolation by matrices is torch's antialiased bicubic one."""

import copy

import pytest
import torch
import torch.nn.functional as F
from mmseg.registry import MODELS
from vit_models import VITS

from mmseg_picie.errors import InputError
from mmseg_picie.models.backbones.position_embeddings import (
    interpolation_matrix,
    resize,
)


@pytest.mark.parametrize('size', [(7, 7), (5, 9), (3, 2), (1, 1), (15, 4), (20, 31)])
def test_resize_is_torchs(size):
    maps = torch.randn(7, 7, 5, generator=torch.Generator().manual_seed(0))
    expected = F.interpolate(
        maps.permute(2, 0, 1)[None], size, mode='bicubic', antialias=True
    )
    assert torch.allclose(
        resize(maps, *size, interpolation_matrix),
        expected[0].permute(1, 2, 0),
        atol=1e-6,
    )


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


@pytest.mark.parametrize('kind', ['vit', 'dinov2'])
@pytest.mark.parametrize('offset', [0.1, 0.3])
@pytest.mark.parametrize('grid', [(5, 7), (2, 3), (4, 6), (9, 4)])
def test_offset_is_a_scale_of_torchs_interpolation(kind, offset, grid):
    """The authors give the scale, with the offset, in place of the size."""
    pytest.importorskip('transformers')
    torch.manual_seed(0)
    config = dict(type='TransformersBackbone', model=VITS[kind], position_offset=offset)
    embeddings = MODELS.build(config).vit.embeddings
    positions = embeddings.position_embeddings
    side, patch = 4, VITS[kind]['patch_size']
    maps = positions[:, 1:].reshape(1, side, side, -1).permute(0, 3, 1, 2)
    scales = [(cells + offset) / side for cells in grid]
    maps = F.interpolate(maps, scale_factor=scales, mode='bicubic')
    expected = torch.cat([positions[:, :1], maps.flatten(2).transpose(1, 2)], 1)
    height, width = (patch * cells for cells in grid)
    found = embeddings.interpolate_pos_encoding(expected, height, width)
    assert torch.allclose(found, expected, atol=1e-6)
    trained = embeddings.interpolate_pos_encoding(positions, side * patch, side * patch)
    assert torch.allclose(trained, positions, atol=1e-7)


@pytest.mark.parametrize('kind', ['dinov2_with_registers', 'dinov3_vit'])
def test_offset_is_refused_where_the_authors_have_none(kind):
    pytest.importorskip('transformers')
    config = dict(type='TransformersBackbone', model=VITS[kind], position_offset=0.1)
    with pytest.raises(InputError, match=f'position_offset=0.1 is for .*is {kind}'):
        MODELS.build(config)
