"""What hooks and passes need of the run: its model, hooks and other processes."""

from typing import Any

import torch
from mmengine.dist import all_gather, all_reduce, broadcast, get_world_size
from mmengine.hooks import Hook
from mmengine.model import is_model_wrapper
from mmengine.runner import Runner
from torch import Tensor, nn


def unwrap(model: nn.Module) -> nn.Module:
    """The segmentor inside a DDP wrapper, or the model itself."""
    return model.module if is_model_wrapper(model) else model


def find_hook(runner: Runner, kind: type[Hook]) -> Any:
    """The first hook of a kind that a runner has, or None."""
    return next((hook for hook in runner.hooks if isinstance(hook, kind)), None)


def sum_over_processes(tensor: Tensor) -> None:
    """Sums a tensor in place over all processes."""
    all_reduce(tensor)


def same_everywhere(tensor: Tensor) -> None:
    """Overwrites a tensor with that of the first process."""
    broadcast(tensor)


def gather_rows(rows: Tensor) -> Tensor:
    """Concatenates the rows of all processes, in rank order, on each of them.

    Args:
        rows: (n, ...); n may differ between processes and be 0.
    """
    if get_world_size() == 1:
        return rows
    counts = [int(count) for count in all_gather(torch.tensor([len(rows)]))]
    padded = rows.new_zeros(max(counts), *rows.shape[1:])
    padded[: len(rows)] = rows
    parts = all_gather(padded)
    return torch.cat([part[:count] for part, count in zip(parts, counts, strict=True)])
