"""Values and gradients of the losses in two gloo processes against one."""

import pytest
import torch
import torch.nn.functional as F
from processes import in_processes
from torch import nn

from mmseg_picie.models import Clustering, ClusteringLoss

DIM, CLUSTERS, POINTS = 5, 4, 9


def case():
    g = torch.Generator().manual_seed(0)
    points = torch.randn(2, POINTS, DIM, generator=g)
    labels = torch.randint(0, CLUSTERS, (2, POINTS), generator=g)
    centroids = torch.randn(2, CLUSTERS, DIM, generator=g)
    sizes = torch.rand(2, CLUSTERS, generator=g).double() + 0.1
    return points, labels, tuple(centroids), tuple(sizes)


def loss_of(kind, points, labels, centroids, sizes):
    """Sum of the terms of points (2, M, D) with labels (2, M), ()."""
    if kind != 'scores':
        loss = ClusteringLoss(cluster_weight='inverse_sqrt', cross_loss=kind)
        clustering = Clustering(tuple(labels), centroids, sizes)
        return sum(loss(tuple(points), [clustering]).values())
    loss = ClusteringLoss(cluster_weight='inverse_sqrt')
    maps = points[0].T[None, :, None] if len(points[0]) else points[0][..., None, None]
    scores = F.conv2d(maps, centroids[0][..., None, None])
    return loss.of_classifier(nn.Identity(), scores, labels[0], sizes[0])


def loss_here(rank, kind, shares, out):
    points, labels, centroids, sizes = case()
    here = slice(sum(shares[:rank]), sum(shares[: rank + 1]))
    points = points[:, here].clone().requires_grad_()
    value = loss_of(kind, points, labels[:, here], centroids, sizes)
    (gradient,) = torch.autograd.grad(value, points)
    # DDP averages over processes; what is left of a point's gradient is a share.
    torch.save((value.detach(), gradient / len(shares)), out / f'{rank}.pth')


@pytest.mark.parametrize('kind', ['clustering', 'mse', 'scores'])
@pytest.mark.parametrize('shares', [(4, 5), (9, 0)])
def test_loss_and_gradient_equal_one_process(tmp_path, kind, shares):
    in_processes(2, tmp_path, loss_here, kind, shares, tmp_path)
    points, *rest = case()
    points.requires_grad_()
    value = loss_of(kind, points, *rest)
    (gradient,) = torch.autograd.grad(value, points)
    assert gradient.any()
    parts = [torch.load(tmp_path / f'{rank}.pth') for rank in range(2)]
    assert all(torch.allclose(part[0], value, rtol=1e-6) for part in parts)
    joined = torch.cat([part[1] for part in parts], dim=1)
    assert torch.allclose(joined, gradient, atol=1e-7)
