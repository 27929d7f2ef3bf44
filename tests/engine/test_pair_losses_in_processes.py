"""Losses over pairs of images in two gloo processes against one."""

import pytest
import torch
from pair_case import LOSSES, SHIFTS, WEIGHTS, case, codes_of
from processes import in_processes

from mmseg_picie.models import ImagePairs


def loss_here(rank, kind, shares, out):
    here = slice(sum(shares[:rank]), sum(shares[: rank + 1]))
    pairs = {
        name: [
            ImagePairs(
                tuple(f[here] for f in item.features),
                tuple(c[here].clone() for c in item.codes),
            )
            for item in batches
        ]
        for name, batches in case().items()
    }
    codes = codes_of(pairs)
    losses = kind(WEIGHTS, SHIFTS)(pairs)
    gradients = torch.autograd.grad(sum(losses.values()), codes)
    # DDP averages over processes; what is left of a gradient is a share.
    values = {name: value.detach() for name, value in losses.items()}
    torch.save((values, [g / len(shares) for g in gradients]), out / f'{rank}.pth')


@pytest.mark.parametrize('kind', LOSSES)
@pytest.mark.parametrize('shares', [(2, 3), (5, 0)])
def test_two_processes_equal_one(tmp_path, kind, shares):
    in_processes(2, tmp_path, loss_here, kind, shares, tmp_path)
    pairs = case()
    codes = codes_of(pairs)
    losses = kind(WEIGHTS, SHIFTS)(pairs)
    gradients = torch.autograd.grad(sum(losses.values()), codes)
    parts = [torch.load(tmp_path / f'{rank}.pth') for rank in range(2)]
    for values, _ in parts:
        for name, value in losses.items():
            assert values[name].item() == pytest.approx(value.item(), rel=1e-9)
    for index, gradient in enumerate(gradients):
        joined = torch.cat([part[1][index] for part in parts])
        torch.testing.assert_close(joined, gradient, rtol=1e-9, atol=1e-12)
