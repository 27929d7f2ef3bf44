"""Names of the weights in checkpoints that version 0.1 wrote."""

import torch
from torch import Tensor

OLD_SETS = {'centroids': 'centroids', 'cluster_sizes': 'cluster_size'}


def convert_first_house_keys(
    state_dict: dict[str, Tensor], prefix: str, num_views: int
) -> None:
    """Renames a clustering head's buffers of version 0.1, in place.

    Version 0.1 kept the centroids of the views apart (``centroids1``, ``centroids2``
    and ``cluster_size1``, ``cluster_size2``); now one buffer holds those of all views.

    Args:
        state_dict: Names and tensors of a checkpoint.
        prefix: What the head's names begin with, such as 'decode_head.'.
        num_views: Views V that the head has centroids for.
    """
    for new, old in OLD_SETS.items():
        parts = [state_dict.pop(f'{prefix}{old}{view}', None) for view in (1, 2)]
        if None not in parts:
            # A model of one view stored its only set twice.
            state_dict[prefix + new] = torch.stack(parts)[:num_views]
