"""Means over the values of all processes, with gradients that DDP averages."""

import torch
from mmengine.dist import all_reduce, get_world_size
from torch import Tensor


def process_scales(norms: Tensor) -> Tensor:
    """Multipliers that make this process's sums its part of means over all pixels.

    Args:
        norms: Sums of the pixels' weights on this process, float64; overwritten.
    """
    all_reduce(norms)
    # A term without any pixel is 0, not 0 / 0.
    return get_world_size() / torch.where(norms > 0, norms, 1.0)


def over_processes(parts: Tensor) -> Tensor:
    """Values of all processes together, gradients of this one."""
    values = parts.detach().clone()
    all_reduce(values)
    values /= get_world_size()
    return parts + (values - parts).detach()


def process_mean(values: Tensor) -> Tensor:
    """The mean of the values of all processes; a process may have none.

    The gradient is this process's share, scaled so that the average over processes
    (DDP) is the gradient of the mean.

    Args:
        values: Of any shape, floating point.

    Returns:
        (), of the same type; 0 where no process has a value.
    """
    count = torch.tensor(float(values.numel()), dtype=torch.float64)
    scale = process_scales(count.to(values.device))
    return over_processes(values.sum(dtype=torch.float64) * scale).to(values.dtype)
