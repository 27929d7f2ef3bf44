"""A number that says which weights these are."""

import hashlib
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

# What naming changes; everything else may decide which cluster a pixel gets.
NAMING = 'cluster_to_class'


def weights_hash(state_dict: Mapping[str, Any]) -> str:
    """SHA-256 of the weights of a network, whatever its clusters are called.

    It covers names, types, shapes and values of all tensors but ``cluster_to_class``,
    so that a named copy of a checkpoint has the hash of what it names. A tensor's
    order in memory, its device and the ``module.`` of a wrapper do not count. Centroids
    that trained but do not predict do count: which tensors a head predicts with is the
    head's own business.

    Args:
        state_dict: Tensors by name.

    Returns:
        64 hex digits.

    Examples:
        >>> weights = {'a': torch.zeros(2)}
        >>> weights_hash(weights) == weights_hash({'module.a': torch.zeros(2)})
        True
        >>> weights_hash(weights) == weights_hash({'a': torch.ones(2)})
        False
    """
    tensors = {
        name.removeprefix('module.'): value
        for name, value in state_dict.items()
        if isinstance(value, Tensor) and name.rpartition('.')[2] != NAMING
    }
    digest = hashlib.sha256()
    for name in sorted(tensors):
        value = tensors[name].detach().cpu()
        digest.update(f'{name} {value.dtype} {tuple(value.shape)}\n'.encode())
        # As bytes, since numpy has no bfloat16.
        values = value.contiguous().reshape(-1).view(torch.uint8)
        digest.update(values.numpy())
    return digest.hexdigest()
