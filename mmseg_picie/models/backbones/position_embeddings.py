"""Position embeddings for other image sizes, as products of matrices.

Torch's antialiased bicubic interpolation, which DINOv2 with registers uses, comes out
of an export to ONNX with another kernel. Products come out as they are.
"""

from collections.abc import Callable
from functools import partial
from types import MethodType

import torch
from torch import Tensor, nn

# Sharpness of Keys' cubic kernel in torch, antialiased and plain.
ANTIALIASED, PLAIN = -0.5, -0.75


def make_exportable(embeddings: nn.Module) -> None:
    """Lets the embeddings of a DINOv2 with registers interpolate by :func:`resize`.

    Args:
        embeddings: Of ``transformers``; changed in place.
    """
    embeddings.interpolate_pos_encoding = MethodType(_interpolate, embeddings)


def stretch_positions(embeddings: nn.Module, offset: float) -> None:
    """Lets embeddings interpolate as the code of DINO and DINOv2 does.

    A line of patches is taken to be longer by a part of a patch, so that its length
    never rounds down; at the size of the training nothing is done.

    Args:
        embeddings: Of ``transformers``; changed in place.
        offset: The part; 0.1 in the authors' code.
    """
    embeddings.position_offset = offset
    embeddings.interpolate_pos_encoding = MethodType(_stretch, embeddings)


def _interpolate(
    embeddings: nn.Module, tokens: Tensor, height: int, width: int
) -> Tensor:
    """Positions of the class token and of an image's patches, (1, 1 + h w, D)."""
    return _resized(embeddings, height, width, interpolation_matrix)


def _stretch(embeddings: nn.Module, tokens: Tensor, height: int, width: int) -> Tensor:
    """As :func:`_interpolate`."""
    patch, side = embeddings.patch_size, _side(embeddings)
    # Tensors, since in an exported graph sizes are free.
    sizes = [torch.full((), size // patch) for size in (height, width)]
    trained = (sizes[0] == side) & (sizes[1] == side)
    offset = torch.where(trained, 0.0, embeddings.position_offset)
    return _resized(
        embeddings, height, width, partial(stretching_matrix, offset=offset)
    )


def _side(embeddings: nn.Module) -> int:
    """Patches in a row of the images that the embeddings are for."""
    return int((embeddings.position_embeddings.shape[1] - 1) ** 0.5 + 0.5)


def _resized(
    embeddings: nn.Module, height: int, width: int, matrix: Callable
) -> Tensor:
    positions, patch = embeddings.position_embeddings, embeddings.patch_size
    side = _side(embeddings)
    maps = positions[0, 1:].float().unflatten(0, (side, side))
    maps = resize(maps, height // patch, width // patch, matrix).flatten(0, 1)
    return torch.cat([positions[:, :1], maps[None].to(positions.dtype)], dim=1)


def resize(maps: Tensor, height: int, width: int, matrix: Callable) -> Tensor:
    """Interpolation by the matrices of lines, (h, w, D) -> (height, width, D)."""
    rows, columns = (
        matrix(source, target, maps.device).to(maps.dtype)
        for source, target in zip(maps.shape[:2], (height, width), strict=True)
    )
    return torch.einsum('ih,hwd,jw->ijd', rows, maps, columns)


def interpolation_matrix(source: int, target: int, device: torch.device) -> Tensor:
    """What each cell of a line takes from the cells of another, (target, source).

    Bicubic and antialiased: the kernel is widened where the line gets shorter, and
    rows sum to 1.
    """
    size = torch.full((), target, dtype=torch.float64, device=device)
    scale = source / size
    centers = (torch.arange(target, device=device) + 0.5) * scale
    cells = torch.arange(source, device=device) + 0.5
    distances = (cells - centers[:, None]).abs() / scale.clamp(min=1)
    weights = _cubic(distances, ANTIALIASED)
    return weights / weights.sum(1, keepdim=True)


def stretching_matrix(
    source: int, target: int, device: torch.device, offset: Tensor
) -> Tensor:
    """As :func:`interpolation_matrix`, of a line of ``target + offset`` cells.

    Bicubic without antialiasing; beyond its ends a line goes on with its last cells.
    """
    size = torch.full((), target, dtype=torch.float64, device=device)
    scale = source / (size + offset.to(size))
    centers = (torch.arange(target, device=device) + 0.5) * scale - 0.5
    near = torch.arange(-1, 3, device=device)
    taps = centers.floor()[:, None] + near
    weights = _cubic((centers[:, None] - taps).abs(), PLAIN)
    taps = taps.clamp(0, source - 1).long()
    cells = torch.arange(source, device=device)
    return ((taps[..., None] == cells) * weights[..., None]).sum(1)


def _cubic(x: Tensor, a: float) -> Tensor:
    near = ((a + 2) * x - (a + 3)) * x * x + 1
    far = a * (((x - 5) * x + 8) * x - 4)
    return torch.where(x <= 1, near, torch.where(x < 2, far, 0.0))
