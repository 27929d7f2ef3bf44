"""A checkpoint some of whose clusters were divided."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from torch import Tensor

from ..clustering import ClusterParts
from ..files import save_whole, write_whole
from ..models import BaseClusteringHead, ClusteringHead, cluster_meta
from .pretrained import read_run_checkpoint
from .run_checkpoints import CENTROID_PREFIX as HEAD
from .stored_config import prediction_model, stored_config
from .weights_hash import weights_hash

CONFIG = 'config.py'
PER_VIEW = ('centroids', 'cluster_sizes')


def part_ids(
    num_clusters: int, split: Sequence[int], num_parts: int
) -> dict[int, tuple[int, ...]]:
    """Ids of the parts of divided clusters.

    The first part takes the id of the cluster, the others follow after all ids that
    there are; so every other cluster keeps its own.

    Args:
        num_clusters: K before.
        split: Ids of the clusters that are divided.
        num_parts: P, of each.

    Examples:
        >>> part_ids(10, [3, 7], 3)
        {3: (3, 10, 11), 7: (7, 12, 13)}
    """
    more = num_parts - 1
    starts = range(num_clusters, num_clusters + more * len(split), more)
    return {
        cluster: (cluster, *range(start, start + more))
        for cluster, start in zip(split, starts, strict=True)
    }


def save_split(
    checkpoint: Path,
    head: BaseClusteringHead,
    parts: Mapping[int, ClusterParts],
    ids: Mapping[int, tuple[int, ...]],
    out: Path,
) -> str:
    """Writes a checkpoint with parts in the place of clusters, and its config.

    Backbone and neck stay as they are. The head becomes a ``SplitClusteringHead``,
    which has more clusters; nothing has a name. Where a loss taught the clusters
    (``SoftmaxHead``) it cannot go on with these, so the result is for prediction alone.

    Args:
        checkpoint: What is divided.
        head: Its head.
        parts: Of each divided cluster.
        ids: Of the parts, by :func:`part_ids`.
        out: File to write; config.py is written beside it. Makes the folder.

    Returns:
        The hash of the weights that were written.
    """
    loaded = read_run_checkpoint(str(checkpoint))
    state = {
        name.removeprefix('module.'): value
        for name, value in loaded['state_dict'].items()
    }
    state = {name: value for name, value in state.items() if not name.startswith(HEAD)}
    head_state = _head_state(head, parts, ids)
    state.update({f'{HEAD}{name}': value for name, value in head_state.items()})
    num_clusters = len(head_state['eval_centroids'])
    cfg = stored_config(loaded, str(checkpoint))
    content = _split_config(cfg, num_clusters, isinstance(head, ClusteringHead))
    out.parent.mkdir(parents=True, exist_ok=True)
    write_whole(out.with_name(CONFIG), Config(content).pretty_text.encode())
    meta = dict(
        loaded['meta'],
        cfg=Config(content, format_python_code=False).pretty_text,
        dataset_meta=cluster_meta(num_clusters),
    )
    save_whole(out, dict(meta=meta, state_dict=state))
    return weights_hash(state)


def _head_state(
    head: BaseClusteringHead,
    parts: Mapping[int, ClusterParts],
    ids: Mapping[int, tuple[int, ...]],
) -> dict[str, Tensor]:
    """The buffers of a ``SplitClusteringHead``."""
    wholes = list(range(head.num_clusters))  # the old id of each new one
    for cluster, own in ids.items():
        wholes += [cluster] * (len(own) - 1)
    old = {name: value.cpu() for name, value in head.named_buffers(recurse=False)}
    weight, bias = (value.detach().cpu() for value in head.score_layer())
    vectors = head.cluster_vectors.cpu()[wholes]
    if isinstance(head, ClusteringHead):
        # The views' clusters are of the last round, and a next one clusters anew.
        state = {name: old[name][:, wholes] for name in PER_VIEW}
        sizes, rounds = old['eval_cluster_size'][wholes], old['centroids_round']
    else:
        sizes = torch.zeros(len(wholes), dtype=torch.float64)  # not known
        state = dict(
            centroids=vectors.expand(2, -1, -1).clone(),
            cluster_sizes=sizes.expand(2, -1).clone(),
        )
        rounds = old['rounds_trained']
    state.update(
        eval_centroids=vectors,
        eval_cluster_size=sizes,
        centroids_round=rounds,
        cluster_to_class=torch.full((len(wholes),), -1),
        score_weight=weight[wholes],
        score_bias=bias[wholes],
    )
    for cluster, own in ids.items():
        found = parts[cluster]
        rows = list(own)
        state['eval_centroids'][rows] = found.centroids
        state['eval_cluster_size'][rows] *= found.shares
        state['score_weight'][rows] = found.weight
        state['score_bias'][rows] = found.bias
    return state


def _split_config(cfg: Config, num_clusters: int, clusters: bool) -> dict[str, Any]:
    content: dict[str, Any] = cfg.to_dict()
    parts = dict(type='SplitClusteringHead', num_clusters=num_clusters)
    if clusters:
        head = content['model']['decode_head']
        head.update(parts)
        head.pop('predict_by', None)  # of a ClassifierHead
    else:
        content['model'] = prediction_model(content['model'], parts)
    content['model']['predict_as'] = 'clusters'
    return content
