"""InfoNCE of corresponding pixels against its formula."""

import math

import pytest
import torch
import torch.nn.functional as F

from mmseg_picie.models import PixelContrastLoss

D, SIDE, P = 5, 4, 6


def unit_maps(images):
    g = torch.Generator().manual_seed(0)
    maps = torch.randn(2, images, D, SIDE, SIDE, generator=g, dtype=torch.float64)
    return [m.requires_grad_() for m in F.normalize(maps, dim=2)]


def valid_but(images, ignored):
    valid = torch.ones(images * SIDE * SIDE, dtype=torch.bool)
    valid[:ignored] = False
    return valid


def drawn_cells(valid, points):
    """(image, cell) of the drawn pixels that count, drawn as the loss does."""
    torch.manual_seed(0)
    order = torch.rand(valid.shape)
    order[~valid] += 1
    return [
        (image, int(cell))
        for image, row in enumerate(order)
        for cell in row.argsort()[:points]
        if valid[image, cell]
    ]


def naive(maps, valid, negatives, temperature, weight, points=P):
    """The formula pixel by pixel."""
    pixels = drawn_cells(valid.view(-1, SIDE * SIDE), points)
    total = 0
    for own, other in (maps, maps[::-1]):
        for image, cell in pixels:
            anchor = own[image, :, cell // SIDE, cell % SIDE]
            positive = anchor @ other[image, :, cell // SIDE, cell % SIDE]
            keys = [positive] + [
                anchor @ other[i, :, c // SIDE, c % SIDE]
                for i, c in pixels
                if i != image or (negatives == 'all' and c != cell)
            ]
            chances = torch.exp(torch.stack(keys) / temperature)
            total = total - torch.log(chances[0] / chances.sum())
    return weight * total / max(1, 2 * len(pixels))


# 13 ignored of 16 cells: an image has fewer pixels that count than are drawn.
@pytest.mark.parametrize('images, ignored', [(3, 0), (3, 13), (3, 16), (1, 0)])
@pytest.mark.parametrize('negatives', ['images', 'all'])
def test_loss_and_gradient_equal_the_formula(images, ignored, negatives):
    maps, valid = unit_maps(images), valid_but(images, ignored)
    expected = naive(maps, valid, negatives, temperature=0.3, weight=0.7)
    loss = PixelContrastLoss(0.7, 0.3, P, negatives)
    torch.manual_seed(0)
    value = loss(maps, valid)
    assert value.item() == pytest.approx(expected.item(), rel=1e-6)
    assert (value > 0) == (images > 1 or negatives == 'all')
    gradients, by_formula = (torch.autograd.grad(v, maps) for v in (value, expected))
    for ours, other in zip(gradients, by_formula, strict=True):
        assert torch.allclose(ours, other, rtol=1e-6, atol=1e-9)


def test_all_cells_are_drawn_where_there_are_fewer_than_asked_for():
    maps, valid = unit_maps(2), valid_but(2, 0)
    expected = naive(maps, valid, 'all', 1.0, 1.0, points=16)
    value = PixelContrastLoss(1.0, 1.0, 1000, 'all')(maps, valid)
    assert value.item() == pytest.approx(expected.item(), rel=1e-6)


def test_equal_pixels_cost_the_logarithm_of_their_number():
    maps = torch.ones(2, 3, 1, SIDE, SIDE)
    value = PixelContrastLoss(num_points=P)(tuple(maps), valid_but(3, 0))
    assert value.item() == pytest.approx(math.log(1 + 2 * P), rel=1e-6)


def test_pixels_that_do_not_count_change_nothing():
    maps, valid = unit_maps(3), valid_but(3, 16)
    loss = PixelContrastLoss(num_points=16)
    masked = loss(maps, valid)
    alone = loss([m[1:] for m in maps], valid[16:])
    assert masked.item() == pytest.approx(alone.item(), rel=1e-9)
    assert loss(maps, torch.zeros_like(valid)).item() == 0


def test_half_precision_changes_nothing():
    maps = [m.float() for m in unit_maps(3)]
    loss, valid = PixelContrastLoss(num_points=16), valid_but(3, 0)
    with torch.autocast('cpu', torch.bfloat16):
        inside = loss(maps, valid)
    assert inside.item() == pytest.approx(loss(maps, valid).item(), rel=1e-5)


@pytest.mark.parametrize(
    'option, message',
    [
        (dict(weight=0), 'weight must be > 0, got 0'),
        (dict(temperature=-1), 'temperature must be > 0, got -1'),
        (dict(num_points=0), 'num_points must be >= 1, got 0'),
        (dict(negatives='batch'), r"negatives must be one of .*'all'\), got 'batch'"),
    ],
)
def test_useless_options_are_refused(option, message):
    with pytest.raises(ValueError, match=f'PixelContrastLoss.{message}'):
        PixelContrastLoss(**option)
