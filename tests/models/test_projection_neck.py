"""The projection of STEGO: a linear map plus a small network."""

import pytest
import torch
import torch.nn.functional as F

from mmseg_picie.errors import InputError
from mmseg_picie.models import ProjectionNeck, joined_levels


def maps(*sizes):
    g = torch.Generator().manual_seed(0)
    return [torch.randn(2, *size, generator=g) for size in sizes]


@pytest.mark.parametrize('activation', ['relu', 'silu'])
def test_output_is_the_formula(activation):
    neck = ProjectionNeck([5], 3, activation=activation).eval()
    (x,) = maps((5, 4, 6))
    state = {name: value.squeeze() for name, value in neck.state_dict().items()}
    assert state.keys() == {
        f'{part}.{kind}'
        for part in ('linear', 'nonlinear.0', 'nonlinear.2')
        for kind in ('weight', 'bias')
    }
    cell = x[1, :, 2, 3]
    hidden = state['nonlinear.0.weight'] @ cell + state['nonlinear.0.bias']
    hidden = hidden.clamp(min=0) if activation == 'relu' else hidden * hidden.sigmoid()
    expected = state['linear.weight'] @ cell + state['linear.bias']
    expected = expected + state['nonlinear.2.weight'] @ hidden
    expected = expected + state['nonlinear.2.bias']
    torch.testing.assert_close(neck([x])[0][1, :, 2, 3], expected)


def test_one_level_stays_as_it_is():
    (x,) = maps((5, 4, 4))
    assert joined_levels([x]) is x and joined_levels(x) is x


def test_cosine_of_joined_levels_is_the_mean_of_theirs_by_channels():
    fine, coarse = maps((4, 6, 6), (8, 6, 6))
    joined = joined_levels([fine, coarse])
    one, two = joined[0, :, 1, 2], joined[1, :, 3, 4]
    parts = [
        F.cosine_similarity(level[0, :, 1, 2], level[1, :, 3, 4], dim=0)
        for level in (fine, coarse)
    ]
    expected = (4 * parts[0] + 8 * parts[1]) / 12
    torch.testing.assert_close(F.cosine_similarity(one, two, dim=0), expected)


def test_coarser_levels_come_to_the_grid_of_the_first():
    fine, coarse = maps((4, 6, 6), (8, 3, 3))
    joined = joined_levels([fine, coarse])
    wide = F.interpolate(coarse, (6, 6), mode='bilinear', align_corners=False)
    torch.testing.assert_close(joined, joined_levels([fine, wide]))


def test_dropout_leaves_out_whole_channels_in_training_alone():
    neck = ProjectionNeck([50], 3, dropout=0.5)
    x = torch.ones(1, 50, 3, 3)
    torch.manual_seed(0)
    first, second = neck.train()(x)[0], neck(x)[0]
    assert not torch.equal(first, second)
    # A channel is there in all cells or in none, so all cells come to the same.
    torch.testing.assert_close(first, first[..., :1, :1].expand_as(first))
    neck.eval()
    assert torch.equal(neck(x)[0], neck(x)[0])


def test_other_maps_are_an_error_that_names_the_channels():
    with pytest.raises(InputError, match=r'is \[4, 8\], the backbone gives \[4, 9\]'):
        ProjectionNeck([4, 8], 3)(maps((4, 6, 6), (9, 3, 3)))
