"""Small cases of image pairs for the losses over them."""

import torch

from mmseg_picie.models import ImagePairs, SmoothnessLoss, STEGOLoss

WEIGHTS = dict(self=0.67, neighbor=0.25, random=0.63)
SHIFTS = dict(self=0.08, neighbor=-0.1, random=0.3)
SIZES = dict(self=[5], neighbor=[5], random=[5, 5])  # images in each batch of pairs
P, Q, C, D = 4, 3, 6, 5
LOSSES = (STEGOLoss, SmoothnessLoss)


def case(kinds=tuple(WEIGHTS)):
    """Features (n, P, C), (n, Q, C) and codes (n, P, D), (n, Q, D) of pairs by kind."""
    g = torch.Generator().manual_seed(0)

    def draw(*shape):
        return torch.randn(*shape, generator=g, dtype=torch.float64)

    return {
        kind: [
            ImagePairs((draw(n, P, C), draw(n, Q, C)), (draw(n, P, D), draw(n, Q, D)))
            for n in SIZES[kind]
        ]
        for kind in kinds
    }


def codes_of(pairs):
    """All codes, as leaves of a graph."""
    found = []
    for batches in pairs.values():
        for item in batches:
            found += [codes.requires_grad_() for codes in item.codes]
    return found
