"""What a checkpoint of a clustering means, and what may be loaded into what."""

import logging

import torch
from mmengine.logging import print_log
from torch import nn

from ..errors import InputError
from ..models import ClusteringHead, cluster_meta, convert_first_house_keys

CENTROID_PREFIX = 'decode_head.'
HEAD_PREFIXES = (CENTROID_PREFIX, 'auxiliary_head.')


def name_clusters(model: nn.Module, checkpoint: dict) -> None:
    """Writes what the model's masks hold into a checkpoint's ``dataset_meta``.

    mmseg puts the training set's class names there, and would show cluster 3 as
    class 3.
    """
    if model.predict_as == 'clusters':
        meta = cluster_meta(model.decode_head.num_clusters)
        checkpoint['meta']['dataset_meta'] = meta


def drop_centroids(model: nn.Module, checkpoint: dict) -> None:
    """Takes the heads' state out of a checkpoint that training begins with."""
    state = checkpoint['state_dict']
    names = [name for name in state if name.startswith(HEAD_PREFIXES)]
    for name in names:
        del state[name]
    # The model's own take their place, so that nothing is reported as missing.
    state.update(
        (name, value.clone())
        for name, value in model.state_dict().items()
        if name.startswith(HEAD_PREFIXES)
    )
    if names:
        print_log(
            'load_from: the checkpoint brings clusters; they are dropped, since each '
            'run finds its own (use --resume to go on with a run)',
            'current',
            level=logging.WARNING,
        )


def check_loaded(model: nn.Module, checkpoint: dict) -> None:
    """Refuses a checkpoint that does not hold this very network.

    mmengine loads what fits and logs the rest; for centroids that means predicting
    noise without an error.

    Raises:
        InputError: Naming what is missing, unexpected or of another shape.
    """
    ours, theirs = model.state_dict(), checkpoint['state_dict']
    theirs = {name.removeprefix('module.'): value for name, value in theirs.items()}
    for prefix, head in _clustering_heads(model):
        convert_first_house_keys(theirs, prefix, len(head.centroids))
    counts: dict[str, int] = {}
    for name in sorted(ours.keys() | theirs.keys()):
        part = name.split('.')[0]
        if name not in theirs:
            problem = f'{part}.*: {{}} missing'
        elif name not in ours:
            problem = f'{part}.*: {{}} unexpected'
        elif theirs[name].shape == ours[name].shape:
            continue
        else:
            problem = f'{part}.*: {{}} of another shape'
        counts[problem] = counts.get(problem, 0) + 1
    if not counts:
        return
    problems = [text.format(count) for text, count in counts.items()]
    classes = f'{CENTROID_PREFIX}cluster_to_class'  # of each cluster, in every head
    if classes in ours.keys() & theirs.keys():
        sizes = [len(state[classes]) for state in (theirs, ours)]
        if sizes[0] != sizes[1]:
            problems.insert(0, f'num_clusters {sizes[0]}, the config says {sizes[1]}')
    raise InputError(
        'the checkpoint is not of the model in the config '
        f'({"; ".join(problems)}): use the config it was trained with (it lies in its '
        'work directory), or begin with its weights by --cfg-options load_from=FILE'
    )


def _clustering_heads(model: nn.Module) -> list[tuple[str, ClusteringHead]]:
    """The heads with centroids, and what the names of their weights begin with."""
    return [
        (f'{name}.', module)
        for name, module in model.named_modules()
        if isinstance(module, ClusteringHead)
    ]


def lay_out_optimizer(checkpoint: dict, memory_format: torch.memory_format) -> None:
    """Brings the stored state of an optimizer into the memory order of the weights.

    Fused optimizers walk weights and state in memory order, and loading keeps the
    stored order: a resume with another ``channels_last`` would mix them up.
    """
    for wrapper in (checkpoint.get('optimizer') or {}).get('state', {}).values():
        for name, value in wrapper.items():
            if isinstance(value, torch.Tensor) and value.dim() == 4:
                wrapper[name] = value.contiguous(memory_format=memory_format)
