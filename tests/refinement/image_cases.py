"""Scores and images that refinements are tried on."""

import torch
import torch.nn.functional as F


def random_case():
    """Scores (2, 3, 7, 9) and images (2, 3, 7, 9), float64."""
    g = torch.Generator().manual_seed(0)
    scores = torch.randn(2, 3, 7, 9, generator=g, dtype=torch.float64)
    return scores, torch.rand(2, 3, 7, 9, generator=g, dtype=torch.float64)


def colored_image(left, right, edge=11):
    """(1, 3, 16, 16): one gray left of column ``edge``, another right of it."""
    image = torch.full((1, 3, 16, 16), left)
    image[..., edge:] = right
    return image


def cut_case():
    """Scores whose border is 3 pixels beside the edge of the image.

    Returns:
        Scores (1, 2, 4, 4) of a coarse grid, image (1, 3, 16, 16) with some noise,
        and the ids that follow the edge, (16, 16).
    """
    g = torch.Generator().manual_seed(0)
    image = colored_image(0.2, 0.8)
    image += 0.02 * torch.rand(image.shape, generator=g)
    scores = torch.zeros(1, 2, 4, 4)
    scores[:, 0, :, :2] = scores[:, 1, :, 2:] = 0.1
    edge = torch.zeros(16, 16, dtype=torch.int64)
    edge[:, 11:] = 1
    plain = F.interpolate(scores, (16, 16), mode='bilinear').argmax(1)
    assert (plain != edge).sum() == 3 * 16  # the network's own border is elsewhere
    return scores, image, edge
