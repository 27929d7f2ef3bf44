"""The loss of IIC against a direct sum over pixels and displacements."""

import math

import pytest
import torch
from processes import in_processes

from mmseg_picie.errors import InputError
from mmseg_picie.models import MutualInformationLoss

CLUSTERS, SIZE = 3, (5, 4)


def case(num=3, seed=0):
    """Probabilities of two views, float64, and the cells that count."""
    g = torch.Generator().manual_seed(seed)
    first, second = (
        torch.randn(num, CLUSTERS, *SIZE, generator=g, dtype=torch.float64).softmax(1)
        for _ in range(2)
    )
    valid = torch.rand(num, *SIZE, generator=g) > 0.25
    return first, second, valid


def direct(first, second, valid, reach, weight):
    """Minus the information, pair of pixels by pair of pixels."""
    height, width = SIZE
    values = []
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            joint = first.new_zeros(CLUSTERS, CLUSTERS)
            for image in range(len(first)):
                for y in range(height):
                    for x in range(width):
                        y2, x2 = y + down, x + right
                        if not (0 <= y2 < height and 0 <= x2 < width):
                            continue
                        if valid[image, y, x] and valid[image, y2, x2]:
                            joint = joint + torch.outer(
                                first[image, :, y, x], second[image, :, y2, x2]
                            )
            if not joint.any():
                continue
            joint = joint / joint.sum()
            joint = (joint + joint.T) / 2
            single = joint.sum(0)
            information = 0.0
            for a in range(CLUSTERS):
                for b in range(CLUSTERS):
                    outer = weight * (single[a].log() + single[b].log())
                    information = information + joint[a, b] * (
                        joint[a, b].log() - outer
                    )
            values.append(information)
    return -sum(values) / len(values)


@pytest.mark.parametrize(('reach', 'weight'), [(0, 1.0), (1, 1.5), (2, 1.0)])
def test_value_and_gradient_are_those_of_a_direct_sum(reach, weight):
    first, second, valid = case()
    loss = MutualInformationLoss(displacement=reach, entropy_weight=weight)
    results = []
    for function in (loss, lambda *a: direct(*a, reach, weight)):
        maps = [view.clone().requires_grad_() for view in (first, second)]
        value = function(*maps, valid)
        results.append((value.detach(), *torch.autograd.grad(value, maps)))
    for found, expected in zip(*results, strict=True):
        assert torch.allclose(found, expected, atol=1e-10, rtol=1e-10)
    assert results[0][1].abs().max() > 1e-4


def test_information_of_equal_certain_views_is_the_entropy_of_their_clusters():
    ids = torch.tensor([0, 1, 2, 2]).view(1, 2, 2)
    maps = torch.nn.functional.one_hot(ids, 3).permute(0, 3, 1, 2).float()
    valid = torch.ones(1, 2, 2, dtype=torch.bool)
    value = MutualInformationLoss(displacement=0)(maps, maps, valid)
    expected = 2 * 0.25 * math.log(4) + 0.5 * math.log(2)
    assert float(value) == pytest.approx(-expected, rel=1e-6)
    doubled = MutualInformationLoss(0, entropy_weight=2.0)(maps, maps, valid)
    assert float(doubled) == pytest.approx(-3 * expected, rel=1e-6)


def test_views_that_know_nothing_of_one_another_have_no_information():
    first = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]])
    second = torch.tensor([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0], [0.0, 1.0]])
    maps = [view.T.reshape(1, 2, 2, 2) for view in (first, second)]
    valid = torch.ones(1, 2, 2, dtype=torch.bool)
    value = MutualInformationLoss(displacement=0)(*maps, valid)
    assert float(value) == pytest.approx(0, abs=1e-7)


def test_nothing_to_see_costs_nothing():
    first, second, valid = case()
    first.requires_grad_()
    loss = MutualInformationLoss(displacement=1)
    value = loss(first, second, torch.zeros_like(valid))
    value.backward()
    assert float(value) == 0 and not first.grad.any()
    assert float(loss(first[:0], second[:0], valid[:0])) == 0


def test_certain_and_empty_clusters_have_finite_gradients():
    maps = torch.zeros(1, 3, 2, 2)
    maps[:, 0] = 1.0
    maps.requires_grad_()
    valid = torch.ones(1, 2, 2, dtype=torch.bool)
    MutualInformationLoss(displacement=1)(maps, maps, valid).backward()
    assert torch.isfinite(maps.grad).all()


def loss_here(rank, shares, out):
    first, second, valid = case(num=4)
    here = slice(sum(shares[:rank]), sum(shares[: rank + 1]))
    maps = [view[here].clone().requires_grad_() for view in (first, second)]
    loss = MutualInformationLoss(displacement=1, entropy_weight=1.5)
    value = loss(*maps, valid[here])
    gradients = [torch.zeros_like(view) for view in maps]
    if value.requires_grad:
        gradients = torch.autograd.grad(value, maps)
    # DDP averages over processes; what is left of a pixel's gradient is a share.
    shared = [gradient / len(shares) for gradient in gradients]
    torch.save((value.detach(), *shared), out / f'{rank}.pth')


@pytest.mark.parametrize('shares', [(1, 3), (4, 0)])
def test_two_processes_equal_one(tmp_path, shares):
    in_processes(2, tmp_path, loss_here, shares, tmp_path)
    first, second, valid = case(num=4)
    maps = [view.requires_grad_() for view in (first, second)]
    value = MutualInformationLoss(displacement=1, entropy_weight=1.5)(*maps, valid)
    expected = torch.autograd.grad(value, maps)
    parts = [torch.load(tmp_path / f'{rank}.pth') for rank in range(2)]
    for part in parts:
        assert torch.allclose(part[0], value.detach(), atol=1e-12)
    for index, gradient in enumerate(expected, start=1):
        joined = torch.cat([part[index] for part in parts])
        assert torch.allclose(joined, gradient, atol=1e-12)


@pytest.mark.parametrize(
    'options, words',
    [
        (dict(displacement=-1), 'displacement must be >= 0, got -1'),
        (dict(entropy_weight=0.0), 'entropy_weight must be > 0, got 0.0'),
    ],
)
def test_options_out_of_range_are_refused(options, words):
    with pytest.raises(InputError, match=words):
        MutualInformationLoss(**options)
