"""A checkpoint that predicts what a person called its clusters."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config

from ..errors import InputError
from ..files import save_whole
from .names import Names
from .pretrained import read_run_checkpoint
from .stored_config import stored_config
from .weights_hash import NAMING, weights_hash

HEAD_NAMING = f'decode_head.{NAMING}'
# What inference and load_from need; the rest of a run's checkpoint resumes the run.
KEPT = ('meta', 'state_dict')


def name_checkpoint(checkpoint: Path, names: Names, out: Path) -> Names:
    """Writes a copy of a checkpoint that predicts named classes.

    The copy is an ordinary checkpoint. Its head knows the class of each cluster
    (``cluster_to_class``), its ``dataset_meta`` has the names and colors, and its
    config asks for classes (``model.predict_as='classes'``). On every pixel it predicts
    the class of the cluster that the original predicts, and 255 for an ignored one. It
    has the original's :func:`weights_hash`, so that the same names file, or a new one,
    names it again: ids are those of clusters. The state of optimizer and logs is left
    out; a run resumes from its own checkpoints.

    Args:
        checkpoint: Written by a run, or a named copy of one.
        names: What its clusters are called.
        out: File to write; not the checkpoint itself.

    Returns:
        The names with those of the clusters that have no entry.

    Raises:
        MissingFileError: If ``checkpoint`` does not exist.
        InputError: If it is no checkpoint of clusters, the names are of other weights
            or name a cluster that does not exist, or ``out`` is ``checkpoint``.
    """
    check_out(checkpoint, out)
    loaded = read_run_checkpoint(str(checkpoint))
    num_clusters = count_clusters(loaded, checkpoint)
    check_weights(loaded, names, checkpoint)
    names = names.complete(num_clusters)
    cluster_to_class = names.cluster_to_class(num_clusters)
    save_named(loaded, cluster_to_class, names.classes, names.palette, checkpoint, out)
    return names


def check_weights(loaded: dict[str, Any], names: Names, source: str | Path) -> None:
    """Refuses names of other weights.

    Args:
        loaded: Content of a checkpoint.
        names: For its clusters.
        source: Its file, for the message.

    Raises:
        InputError: If the names are for another checkpoint.
    """
    found = weights_hash(loaded['state_dict'])
    if found != names.checkpoint:
        raise InputError(
            f'the names are for the weights {names.checkpoint}, {source} holds '
            f'{found}: clusters of other weights are other clusters. Name the '
            'checkpoint that the names were made with (of a folder of checkpoints, '
            'the right one is found by itself), or look at these clusters and make '
            'names of them'
        )


def check_out(checkpoint: Path, out: Path) -> None:
    """Refuses to write over the checkpoint that is read.

    Raises:
        InputError: If both are one file.
    """
    if out.resolve() == checkpoint.resolve():
        raise InputError(f'out must be another file than the checkpoint, got {out}')


def count_clusters(loaded: dict[str, Any], source: str | Path) -> int:
    """K of a checkpoint.

    Args:
        loaded: Its content.
        source: Its file, for the message.

    Raises:
        InputError: If it has no head of clusters.
    """
    return len(_cluster_to_class(loaded, source)[1])


def save_named(
    loaded: dict[str, Any],
    cluster_to_class: Sequence[int],
    classes: Sequence[str],
    palette: list[list[int]],
    source: str | Path,
    out: Path,
) -> None:
    """Writes a loaded checkpoint with classes for its clusters; makes the folder.

    Args:
        loaded: Content of a checkpoint; its tensors stay as they are.
        cluster_to_class: Class of each cluster, (K,), -1 for none.
        classes: Names of the classes.
        palette: Color of each class, [r, g, b].
        source: File of ``loaded``, for messages.
        out: File to write.
    """
    key, _ = _cluster_to_class(loaded, source)
    state = dict(loaded['state_dict'])
    state[key] = torch.tensor(list(cluster_to_class), dtype=torch.int64)
    meta = dict(loaded.get('meta') or {})
    meta['dataset_meta'] = dict(classes=tuple(classes), palette=palette)
    # Converted checkpoints have no config; theirs is a file.
    if 'cfg' in meta:
        meta['cfg'] = _config_of_classes(loaded, str(source))
    kept = {name: loaded[name] for name in KEPT if name in loaded}
    out.parent.mkdir(parents=True, exist_ok=True)
    save_whole(out, dict(kept, meta=meta, state_dict=state))


def _config_of_classes(loaded: dict[str, Any], source: str) -> str:
    content = stored_config(loaded, source).to_dict()
    content['model']['predict_as'] = 'classes'
    # The layout is for people and takes a second.
    return Config(content, format_python_code=False).pretty_text


def _cluster_to_class(
    loaded: dict[str, Any], source: str | Path
) -> tuple[str, torch.Tensor]:
    state = loaded['state_dict']
    for key in (HEAD_NAMING, f'module.{HEAD_NAMING}'):
        if key in state:
            return key, state[key]
    raise InputError(
        f'{source} holds no {HEAD_NAMING}, so it does not predict clusters: name a '
        'checkpoint that a training of clusters wrote'
    )
