"""Losses of methods in two gloo processes: which equal one process and which not."""

import pytest
import torch
import torch.nn.functional as F
from processes import in_processes

from mmseg_picie.models import PastedRegionLoss, PixelContrastLoss

IMAGES, DIM, SIDE = 5, 4, 3
CELLS = SIDE * SIDE


def case():
    g = torch.Generator().manual_seed(0)
    maps = torch.randn(2, IMAGES, DIM, SIDE, SIDE, generator=g, dtype=torch.float64)
    kinds = torch.randint(0, 3, (IMAGES, CELLS), generator=g)
    return F.normalize(maps, dim=2), kinds


def loss_of(kind, maps, kinds):
    """Sum of the terms of images, (2, N, D, h, w) and (N, h w)."""
    if kind == 'contrast':
        torch.manual_seed(0)  # all cells are drawn; their order is of no matter
        return PixelContrastLoss(num_points=CELLS)(tuple(maps), (kinds > 0).flatten())
    pasted, clear = (kinds == 1).flatten(), (kinds == 2).flatten()
    scores = maps[0, :, :1] + 0.0
    return sum(PastedRegionLoss()(scores, *maps, pasted, clear).values())


def loss_here(rank, kind, share, out):
    maps, kinds = case()
    here = slice(0, share) if rank == 0 else slice(share, IMAGES)
    maps = maps[:, here].clone().requires_grad_()
    value = loss_of(kind, maps, kinds[here])
    (gradient,) = torch.autograd.grad(value, maps)
    # DDP averages over processes; what is left of a gradient is a half.
    torch.save((value.detach(), gradient / 2), out / f'{rank}.pth')


def in_two(kind, share, folder):
    in_processes(2, folder, loss_here, kind, share, folder)
    parts = [torch.load(folder / f'{rank}.pth') for rank in range(2)]
    return [part[0] for part in parts], torch.cat([part[1] for part in parts], dim=1)


@pytest.mark.parametrize('share', [2, 5])
def test_regions_in_two_processes_equal_one(tmp_path, share):
    values, gradient = in_two('regions', share, tmp_path)
    maps, kinds = case()
    expected = loss_of('regions', maps.requires_grad_(), kinds)
    assert all(torch.allclose(value, expected, rtol=1e-6) for value in values)
    (by_one,) = torch.autograd.grad(expected, maps)
    assert by_one.any() and torch.allclose(gradient, by_one, atol=1e-9)


def test_contrast_in_two_processes_is_the_mean_over_their_own_images(tmp_path):
    values, gradient = in_two('contrast', 2, tmp_path)
    maps, kinds = case()
    maps.requires_grad_()
    own = [loss_of('contrast', maps[:, p], kinds[p]) for p in (slice(2), slice(2, 5))]
    assert [v.item() for v in values] == pytest.approx([v.item() for v in own])
    (of_mean,) = torch.autograd.grad(sum(own) / 2, maps)
    assert torch.allclose(gradient, of_mean, atol=1e-9)
    # With all images together there are more negatives.
    assert loss_of('contrast', maps, kinds) > max(own)
