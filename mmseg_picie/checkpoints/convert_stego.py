"""The authors' checkpoints of STEGO as checkpoints of this package."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from ..errors import InputError
from ..files import save_whole
from ..models import cluster_meta
from .convert_vits import convert_dino
from .foreign_files import check_names, read_foreign_state
from .pretrained import strip_prefix

LINEAR, NONLINEAR = 'cluster1.0', ('cluster2.0', 'cluster2.2')
CLUSTERS, PROBE = 'cluster_probe.clusters', 'linear_probe'
# Rounds that the head says it was trained for; the authors count steps.
ROUNDS = 1


@dataclass(frozen=True)
class ConvertedStego:
    """A STEGO by the names of this package.

    Attributes:
        state_dict: Tensors of the segmentor: ``backbone.vit``, ``neck.linear``,
            ``neck.nonlinear`` and ``decode_head``.
        linear_probe: ``weight`` (C, D, 1, 1) and ``bias`` of the authors' probe, which
            labels trained; empty if the file has none.
        model: What ``model`` of a config says of the sizes.
    """

    state_dict: dict[str, Tensor]
    linear_probe: dict[str, Tensor]
    model: dict


def convert_stego_checkpoint(source: Path, out: Path) -> ConvertedStego:
    """Writes a checkpoint that a STEGO of the same sizes predicts with.

    Args:
        source: The authors' file, as Lightning wrote it; nothing of it runs.
        out: File to write: ``state_dict``, ``meta`` and ``linear_probe``.

    Raises:
        MissingFileError: If ``source`` does not exist.
        InputError: If it is no such file, or ``out`` is ``source``.
    """
    if out.resolve() == source.resolve():
        raise InputError(f'out must be another file than the checkpoint, got {out}')
    converted = convert_stego(read_foreign_state(source), str(source))
    num_clusters = converted.model['decode_head']['num_clusters']
    meta = dict(dataset_meta=cluster_meta(num_clusters), epoch=ROUNDS)
    out.parent.mkdir(parents=True, exist_ok=True)
    save_whole(
        out,
        dict(
            meta=meta,
            state_dict=converted.state_dict,
            linear_probe=converted.linear_probe,
        ),
    )
    return converted


def convert_stego(state: dict[str, Tensor], source: str = 'the file') -> ConvertedStego:
    """Renames a STEGO (Hamilton et al., ICLR 2022).

    Args:
        state: ``net.model`` (a ViT of DINO), ``net.cluster1.0`` and
            ``net.cluster2.0``, ``.2`` (1x1 convolutions), ``cluster_probe.clusters``
            (K, D) and maybe ``linear_probe``. What only its training needs is left
            out.
        source: The file, for messages.

    Raises:
        InputError: If a part lacks, or has another shape.
    """
    network = strip_prefix(state, 'net')
    if not network or CLUSTERS not in state:
        raise InputError(
            f'{source} is no checkpoint of STEGO: it lacks '
            f'{CLUSTERS if network else "net.model"}; its names begin with '
            f'{", ".join(list(state)[:3])}'
        )
    vit = convert_dino(strip_prefix(network, 'model'), source)
    clusters = state[CLUSTERS].float()
    (num_clusters, size), channels = clusters.shape, vit.model['hidden_size']
    head = {k: v.float() for k, v in network.items() if not k.startswith('model.')}
    check_names(source, _head_of(channels, size), head, 'the projection of STEGO')
    renamed = {f'backbone.{name}': value for name, value in vit.weights.items()}
    for kind in ('weight', 'bias'):
        renamed[f'neck.linear.{kind}'] = head[f'{LINEAR}.{kind}']
        for theirs in NONLINEAR:
            layer = theirs.rpartition('.')[2]
            renamed[f'neck.nonlinear.{layer}.{kind}'] = head[f'{theirs}.{kind}']
    renamed['decode_head.classifier.weight'] = clusters[:, :, None, None]
    renamed['decode_head.rounds_trained'] = torch.tensor(ROUNDS)
    renamed['decode_head.cluster_to_class'] = torch.full((num_clusters,), -1)
    model = dict(
        backbone=vit.backbone,
        neck=dict(type='ProjectionNeck', in_channels=[channels], out_channels=size),
        decode_head=dict(type='ProbeHead', in_channels=size, num_clusters=num_clusters),
    )
    return ConvertedStego(renamed, strip_prefix(state, PROBE), model)


def _head_of(channels: int, size: int) -> dict[str, Tensor]:
    """Tensors of the projection by the authors' names, without values."""
    outputs = {LINEAR: size, NONLINEAR[0]: channels, NONLINEAR[1]: size}
    empty: dict[str, Tensor] = {}
    for name, out in outputs.items():
        empty[f'{name}.weight'] = torch.empty(out, channels, 1, 1, device='meta')
        empty[f'{name}.bias'] = torch.empty(out, device='meta')
    return empty
