"""Forward and backward of the clustering loss.

The baseline does as PiCIE's released code: a 1x1 convolution with the centroids gives
each of the four terms a full map of scores, PyTorch's cross-entropy and autograd do the
rest. Both sides take the same maps of unit vectors, as the network leaves them: in
PyTorch's default layout or in channels_last.
"""

import torch
import torch.nn.functional as F
from torch import Tensor

from mmseg_picie.models import Clustering, ClusteringLoss, clustering_factors

from .measure import Case, Job
from .released import released_loss

BATCH, DIM, SIDE = 16, 128, 80
LAYOUTS = {
    'NCHW': (torch.contiguous_format, 3.0),
    'channels_last': (torch.channels_last, 1 / 1.1),
}


def cases(args) -> list[Case]:
    """K = 27, and K = 27 with a second clustering (PiCIE+H), in both layouts."""
    return [
        Case(
            name=f'K = {" + ".join(map(str, sizes))}, {layout}',
            prepare=lambda sizes=sizes, layout=memory_format: prepare(sizes, layout),
            target_ratio=target,
        )
        for sizes in ((27,), (27, 100))
        for layout, (memory_format, target) in LAYOUTS.items()
    ]


def prepare(sizes: tuple[int, ...], memory_format: torch.memory_format) -> Job:
    """Random unit vectors, clusterings of ``sizes`` clusters and both losses."""
    device = 'cuda' if torch.cuda.is_available() else 'cpu'
    g = torch.Generator().manual_seed(0)
    maps = []
    for _ in range(2):
        embedding = F.normalize(torch.randn(BATCH, DIM, SIDE, SIDE, generator=g), dim=1)
        embedding = embedding.to(device, memory_format=memory_format)
        maps.append(embedding.requires_grad_())
    clusterings = [
        make_clustering(size, factor, device, g)
        for size, factor in zip(sizes, clustering_factors(sizes), strict=True)
    ]
    loss = ClusteringLoss(rule='dot', cluster_weight='frequency')

    def ours() -> Tensor:
        return backward(maps, sum(loss(maps, clusterings).values()))

    def baseline() -> Tensor:
        return backward(maps, sum(map(released, clusterings)))

    def released(clustering: Clustering) -> Tensor:
        return clustering.factor * released_loss(
            maps,
            [ids.view(BATCH, SIDE, SIDE) for ids in clustering.labels],
            clustering.centroids,
            [(size / size.sum()).float() for size in clustering.cluster_sizes],
        )

    def difference() -> str:
        results = []
        for run in (ours, baseline):
            value = run().item()
            results.append((value, [embedding.grad.clone() for embedding in maps]))
        (value, gradients), (expected, references) = results
        error = max(
            ((a - b).abs().max() / b.abs().max()).item()
            for a, b in zip(gradients, references, strict=True)
        )
        return (
            f'relative difference of the loss {abs(value / expected - 1):.1e}, of the '
            f'gradient {error:.1e} (of its largest entry)'
        )

    return Job(
        ours=ours,
        baseline=baseline,
        uncounted=sum(embedding.numel() * 4 for embedding in maps),
        remark=difference,
    )


def make_clustering(
    size: int, factor: float, device: str, generator: torch.Generator
) -> Clustering:
    """Random labels and centroids of both views."""
    labels = [
        torch.randint(size, (BATCH * SIDE * SIDE,), generator=generator)
        for _ in range(2)
    ]
    return Clustering(
        labels=tuple(label.to(device) for label in labels),
        centroids=tuple(
            (0.3 * torch.randn(size, DIM, generator=generator)).to(device)
            for _ in range(2)
        ),
        cluster_sizes=tuple(
            label.bincount(minlength=size).double().to(device) for label in labels
        ),
        factor=factor,
    )


def backward(maps: list[Tensor], loss: Tensor) -> Tensor:
    """Computes new gradients and returns the loss."""
    for embedding in maps:
        embedding.grad = None
    loss.backward()
    return loss.detach()
