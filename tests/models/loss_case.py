"""A small case of two views for the losses."""

import torch

from mmseg_picie.models import Clustering

M, D, K = 40, 6, 5


def make_case():
    g = torch.Generator().manual_seed(0)
    points = [
        torch.nn.functional.normalize(torch.randn(M, D, generator=g), dim=1)
        for _ in range(2)
    ]
    labels = [torch.randint(0, K, (M,), generator=g) for _ in range(2)]
    centroids = [torch.randn(K, D, generator=g) * 0.5 for _ in range(2)]
    sizes = [torch.randint(1, 100, (K,), generator=g).double() for _ in range(2)]
    return points, labels, centroids, sizes


def arguments(case):
    points, *clustering = case
    return tuple(points), [Clustering(*map(tuple, clustering))]
