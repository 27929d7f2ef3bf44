"""Checkpoints of the authors' released code as checkpoints of this package."""

import argparse
from pathlib import Path

import torch
from mmseg.registry import MODELS
from torch import Tensor

from ..errors import InputError
from ..files import save_whole
from ..models import ClusteringHead, LateralSumFPN, cluster_meta
from ..safe_loading import safe_load
from .foreign_files import strip_module
from .pretrained import strip_prefix
from .run_checkpoints import CENTROID_PREFIX

CHANNELS = (64, 128, 256, 512)  # C2..C5 of ResNet-18


def convert_reference_checkpoint(source: Path, out: Path) -> tuple[int, int, int]:
    """Writes a released checkpoint (paper's repository, c3aa029) in our layout.

    The file holds ``state_dict``, with the network below ``module.backbone.``
    (torchvision's names) and ``module.decoder.layer1..4`` (the laterals of C5..C2),
    and ``classifier1_state_dict``, with view 1's centroids from before the last epoch
    as ``module.weight`` (K, D, 1, 1); those become the centroids that predict, as
    they do there (docs/reference.md R9). View 2's centroids and cluster sizes, which
    only a training round needs and makes, stay 0.

    Args:
        source: The authors' file.
        out: File to write; its folder must exist.

    Returns:
        K, D and the epochs trained.

    Raises:
        MissingFileError: If ``source`` does not exist.
        InputError: If it is no such file, or ``out`` is ``source``.
    """
    if out.resolve() == source.resolve():
        raise InputError(f'out must be another file than the checkpoint, got {out}')
    loaded = read_reference_checkpoint(source)
    network = strip_module(loaded['state_dict'])
    parts = dict(
        backbone=_backbone(strip_prefix(network, 'backbone')),
        neck=_neck(strip_prefix(network, 'decoder')),
    )
    centroids = _centroids(loaded['classifier1_state_dict'], parts['neck'])
    num_rounds = int(loaded['epoch'])
    num_clusters, size = centroids.shape
    head = ClusteringHead(size, num_clusters)
    head.centroids[0].copy_(centroids)
    head.set_eval_clusters(centroids, head.cluster_sizes[0], num_rounds)
    state = {f'{CENTROID_PREFIX}{k}': v for k, v in head.state_dict().items()}
    for part, tensors in parts.items():
        state.update((f'{part}.{name}', value) for name, value in tensors.items())
    meta = dict(dataset_meta=cluster_meta(num_clusters), epoch=num_rounds)
    save_whole(out, dict(meta=meta, state_dict=state))
    return num_clusters, size, num_rounds


def read_reference_checkpoint(path: Path) -> dict:
    """Loads the authors' file without running code from it.

    It holds the arguments of its run; besides those, tensors and plain values alone
    are let through.

    Args:
        path: A local file.

    Raises:
        MissingFileError: If the file does not exist.
        InputError: If it is damaged, holds other objects, or lacks a part.
    """
    with torch.serialization.safe_globals([argparse.Namespace]):
        loaded = safe_load(path, 'cpu')
    needed = ('epoch', 'state_dict', 'classifier1_state_dict')
    parts = loaded.keys() if isinstance(loaded, dict) else ()
    missing = [name for name in needed if name not in parts]
    if missing:
        raise InputError(
            f'checkpoint {path} has no {", ".join(missing)}: it is not one that the '
            f'released code wrote (it holds: {", ".join(map(str, parts)) or "none"})'
        )
    return loaded


def _backbone(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    # The classifier of ImageNet, which the network does not use.
    tensors = {k: v for k, v in tensors.items() if not k.startswith('fc.')}
    resnet = MODELS.build(dict(type='ResNet', depth=18))
    _check_shapes(_shapes(resnet.state_dict()), tensors, 'backbone')
    return tensors


def _neck(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    size = len(tensors.get('layer1.bias', [0]))
    shapes = _shapes(LateralSumFPN(CHANNELS, size).state_dict())
    # Theirs count from the coarsest level, ours from the finest.
    names = {
        f'layer{len(CHANNELS) - level}.{kind}': f'laterals.{level}.{kind}'
        for level in range(len(CHANNELS))
        for kind in ('weight', 'bias')
    }
    expected = {theirs: shapes[ours] for theirs, ours in names.items()}
    _check_shapes(expected, tensors, 'decoder')
    return {names[theirs]: value for theirs, value in tensors.items()}


def _shapes(tensors: dict[str, Tensor]) -> dict[str, tuple]:
    return {name: tuple(value.shape) for name, value in tensors.items()}


def _check_shapes(
    expected: dict[str, tuple], tensors: dict[str, Tensor], part: str
) -> None:
    """Refuses tensors that are not exactly those of a part of the network."""
    found = _shapes(tensors)
    common = expected.keys() & found.keys()
    for problem, names in (
        ('lacks', expected.keys() - found.keys()),
        ('has, unexpectedly,', found.keys() - expected.keys()),
        ('has in another shape', {n for n in common if expected[n] != found[n]}),
    ):
        if names:
            listed = ', '.join(f'module.{part}.{name}' for name in sorted(names)[:3])
            raise InputError(
                f'state_dict {problem} {listed} ({len(names)} in all): the network is '
                'not the ResNet-18 with four 1x1 laterals of the released code'
            )


def _centroids(state: dict[str, Tensor], neck: dict[str, Tensor]) -> Tensor:
    """The classifier's weights as centroids, (K, D)."""
    name, classifier = 'classifier1_state_dict', strip_module(state)
    if 'weight' not in classifier:
        raise InputError(
            f'{name} has no module.weight, it holds: {", ".join(state) or "none"}'
        )
    weight, size = classifier['weight'], neck['laterals.0.bias'].numel()
    if weight.dim() != 4 or weight.shape[1:] != (size, 1, 1):
        raise InputError(
            f'{name}: module.weight is {tuple(weight.shape)}, expected '
            f'(K, {size}, 1, 1)'
        )
    if 'bias' in classifier and classifier['bias'].any():
        raise InputError(
            f'{name}: module.bias is not zero; centroids have no bias, so this is a '
            'learned classifier'
        )
    return weight.flatten(1)
