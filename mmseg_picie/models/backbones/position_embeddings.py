"""Position embeddings for other image sizes, as products of matrices.

Torch's antialiased bicubic interpolation, which DINOv2 with registers uses, comes out
of an export to ONNX with another kernel. Products come out as they are.
"""

from types import MethodType

import torch
from torch import Tensor, nn

SHARPNESS = -0.5  # of Keys' cubic kernel, where torch antialiases


def make_exportable(embeddings: nn.Module) -> None:
    """Lets the embeddings of a DINOv2 with registers interpolate by :func:`resize`.

    Args:
        embeddings: Of ``transformers``; changed in place.
    """
    embeddings.interpolate_pos_encoding = MethodType(_interpolate, embeddings)


def _interpolate(
    embeddings: nn.Module, tokens: Tensor, height: int, width: int
) -> Tensor:
    """Positions of the class token and of an image's patches, (1, 1 + h w, D)."""
    positions, patch = embeddings.position_embeddings, embeddings.patch_size
    side = int((positions.shape[1] - 1) ** 0.5 + 0.5)
    maps = positions[0, 1:].float().unflatten(0, (side, side))
    maps = resize(maps, height // patch, width // patch).flatten(0, 1)
    return torch.cat([positions[:, :1], maps[None].to(positions.dtype)], dim=1)


def resize(maps: Tensor, height: int, width: int) -> Tensor:
    """Antialiased bicubic interpolation, (h, w, D) -> (height, width, D)."""
    rows, columns = (
        interpolation_matrix(source, target, maps.device).to(maps.dtype)
        for source, target in zip(maps.shape[:2], (height, width), strict=True)
    )
    return torch.einsum('ih,hwd,jw->ijd', rows, maps, columns)


def interpolation_matrix(source: int, target: int, device: torch.device) -> Tensor:
    """What each cell of a line takes from the cells of another, (target, source).

    The kernel is widened where the line gets shorter, and rows sum to 1.
    """
    size = torch.full((), target, dtype=torch.float64, device=device)
    scale = source / size
    centers = (torch.arange(target, device=device) + 0.5) * scale
    cells = torch.arange(source, device=device) + 0.5
    weights = _cubic((cells - centers[:, None]).abs() / scale.clamp(min=1))
    return weights / weights.sum(1, keepdim=True)


def _cubic(x: Tensor) -> Tensor:
    a = SHARPNESS
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = a * (((x - 5) * x + 8) * x - 4)
    return torch.where(x <= 1, near, torch.where(x < 2, far, 0.0))
