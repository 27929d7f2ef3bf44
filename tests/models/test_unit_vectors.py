import pytest
import torch
import torch.nn.functional as F

from mmseg_picie.models.unit_vectors import unit_vectors


def embedding(dtype=torch.float64):
    g = torch.Generator().manual_seed(0)
    return torch.randn(2, 5, 3, 4, generator=g, dtype=dtype).requires_grad_()


@pytest.mark.parametrize(
    'memory_format', [torch.contiguous_format, torch.channels_last]
)
def test_values_and_gradient_equal_normalize(memory_format):
    maps = embedding().contiguous(memory_format=memory_format)
    weight = torch.randn(maps.shape, dtype=maps.dtype)
    ours, theirs = unit_vectors(maps), F.normalize(maps, dim=1)
    assert torch.allclose(ours, theirs, atol=1e-12)
    gradients = [torch.autograd.grad((z * weight).sum(), maps) for z in (ours, theirs)]
    assert torch.allclose(*(gradient for (gradient,) in gradients), atol=1e-12)


def test_gradient_equals_finite_differences():
    assert torch.autograd.gradcheck(unit_vectors, embedding())


def test_zero_stays_zero():
    maps = torch.zeros(1, 3, 1, 1, requires_grad=True)
    unit = unit_vectors(maps)
    unit.sum().backward()
    assert unit.abs().sum() == 0
    assert maps.grad.isfinite().all()
