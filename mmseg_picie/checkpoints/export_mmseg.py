"""A trained network as a config and a checkpoint of mmseg's own classes."""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.registry import init_default_scope
from mmseg.registry import MODELS
from torch import Tensor, nn

from ..errors import InputError
from ..files import save_whole, write_json, write_whole
from ..models import UNMATCHED, ClusterSegmentor
from .plain_images import PlainImages, check_masks, left_out
from .plain_layers import fill_head, fill_neck, plain_head, plain_neck
from .stored_config import build_segmentor, stored_resize

IGNORED = 'ignored'
NEVER = -1e4  # score of a class that no cluster has; unit vectors score near 0
# 'auto' averages where an image shrinks, as 'area' does; it enlarges bilinearly.
INTERPOLATIONS = {
    'auto': 'area',
    **{name: name for name in ('area', 'bilinear', 'bicubic', 'nearest')},
}
LONG_SIDE = 10**6  # mmseg's Resize wants one; the short side decides


@dataclass(frozen=True)
class PlainIds:
    """What the ids of exported masks mean.

    Attributes:
        holds: 'clusters', 'classes', or 'clusters of classes' where several clusters
            have one class: one convolution cannot take the best of several.
        clusters: Cluster of each id; None for a class that no cluster has.
        names: Of each id.
        palette: Color of each id, [r, g, b].
        classes: What this package predicts in place of each id.
        left_out: What this package does beside, in words; '' if nothing.
    """

    holds: str
    clusters: tuple[int | None, ...]
    names: tuple[str, ...]
    palette: tuple[list[int], ...]
    classes: tuple[int, ...]
    left_out: str = ''


def export_mmseg(checkpoint: Path, out_dir: Path) -> PlainIds:
    """Writes ``config.py``, ``model.pth`` and ``ids.json``; mmseg alone runs them.

    The network is an ``EncoderDecoder``, the centroids are the weights of its
    ``conv_seg``. Its masks are compared with this network's on drawn images before
    anything is written.

    Args:
        checkpoint: Written by a training run, or a named copy of one.
        out_dir: Folder to write to.

    Returns:
        What the ids of its masks mean; ``ids.json`` holds the same.

    Raises:
        InputError: If mmseg has no layers that compute the same; the message names
            ONNX, which has no such limits.
        MissingFileError: If the checkpoint does not exist.
    """
    model, cfg = build_segmentor(checkpoint)
    graph = PlainImages(model)
    _check_parts(model)
    ids = plain_ids(model)
    config = _config(model, cfg, ids)
    plain = _build(config['model'], model, ids)
    _check(plain, graph, ids)
    out_dir.mkdir(parents=True, exist_ok=True)
    meta = dict(dataset_meta=dict(classes=ids.names, palette=list(ids.palette)))
    save_whole(out_dir / 'model.pth', dict(meta=meta, state_dict=plain.state_dict()))
    text = Config(config).pretty_text
    write_whole(out_dir / 'config.py', (_header(ids) + text).encode())
    table = zip(ids.names, ids.classes, ids.clusters, strict=True)
    write_json(
        out_dir / 'ids.json',
        dict(
            holds=ids.holds,
            ids=[
                dict(id=index, name=name, class_id=class_id, cluster=cluster)
                for index, (name, class_id, cluster) in enumerate(table)
            ],
        ),
    )
    return ids


def plain_ids(model: ClusterSegmentor) -> PlainIds:
    """What the ids of an export mean: as few steps from the network's as can be."""
    head, meta = model.decode_head, model.dataset_meta
    every = tuple(range(head.num_clusters))
    if model.predict_as == 'clusters':
        names, palette = tuple(meta['classes']), tuple(meta['palette'])
        return PlainIds('clusters', every, names, palette, every, left_out(model))
    classes = model.mask_ids.tolist()
    clusters: dict[int, list[int]] = {
        index: [] for index in range(len(meta['classes']))
    }
    clusters[UNMATCHED] = []
    for cluster, index in enumerate(classes):
        clusters[index].append(cluster)
    ignored = clusters.pop(UNMATCHED)
    if all(len(own) <= 1 for own in clusters.values()):
        holds = 'classes'
        rows = [own[0] if own else None for own in clusters.values()] + ignored
        meant = [*clusters, *(UNMATCHED for _ in ignored)]
    else:
        holds, rows, meant = 'clusters of classes', every, classes
    named = {**dict(enumerate(meta['classes'])), UNMATCHED: IGNORED}
    colors = {**dict(enumerate(meta['palette'])), UNMATCHED: [0, 0, 0]}
    return PlainIds(
        holds,
        tuple(rows),
        tuple(named[index] for index in meant),
        tuple(list(map(int, colors[index])) for index in meant),
        tuple(meant),
        left_out(model),
    )


def _check_parts(model: ClusterSegmentor) -> None:
    backbone = type(model.backbone)
    if backbone.__module__.partition('.')[0] != 'mmseg':
        raise InputError(
            f'{backbone.__name__} is no backbone of mmseg, so mmseg alone cannot run '
            'it: export it with --to onnx, which has no such limits'
        )
    if not model.decode_head.normalize:
        raise InputError(
            'decode_head.normalize=False was not written for mmseg: export it with '
            '--to onnx, which has no such limits'
        )
    try:
        model.decode_head.score_layer()
    except NotImplementedError as error:
        raise InputError(
            f'the scores of {type(model.decode_head).__name__} are not those of one '
            'convolution, as mmseg has them: export it with --to onnx, which has no '
            'such limits'
        ) from error


def _config(model: ClusterSegmentor, cfg: Config, ids: PlainIds) -> dict:
    stored = copy.deepcopy(cfg.model.to_dict())
    preprocessor = dict(stored['data_preprocessor'], type='SegDataPreProcessor')
    if stored['data_preprocessor']['type'] == 'ViewsDataPreProcessor':
        preprocessor.setdefault('bgr_to_rgb', True)
    neck, in_index = plain_neck(model.neck if model.with_neck else None)
    size = model.decode_head.in_channels
    return dict(
        default_scope='mmseg',
        model=dict(
            type='EncoderDecoder',
            data_preprocessor=preprocessor,
            backbone=stored['backbone'],
            neck=neck,
            decode_head=plain_head(size, in_index, len(ids.clusters)),
            test_cfg=_plain_test_cfg(stored.get('test_cfg')),
        ),
        **_test_parts(ids, stored_resize(cfg)),
    )


def _plain_test_cfg(test_cfg: dict | None) -> dict:
    plain = dict(test_cfg or dict(mode='whole'))
    for name in ('refine', 'flip_average'):
        plain.pop(name, None)
    return plain


def _test_parts(ids: PlainIds, resize: Config | None) -> dict:
    """What mmseg's tools/test.py and MMSegInferencer need besides the model."""
    scored = ids.holds == 'classes'
    pipeline: list[dict[str, Any]] = [dict(type='LoadImageFromFile')]
    if resize is not None:
        pipeline.append(
            dict(
                type='Resize',
                scale=(LONG_SIDE, int(resize['size'])),
                keep_ratio=True,
                interpolation=INTERPOLATIONS[resize.get('interpolation', 'auto')],
            )
        )
    if scored:
        pipeline.append(dict(type='LoadAnnotations'))
    folders = dict(img_path='img', seg_map_path='ann')
    return dict(
        test_dataloader=dict(
            batch_size=1,
            num_workers=0,
            sampler=dict(type='DefaultSampler', shuffle=False),
            dataset=dict(
                type='BaseSegDataset',
                data_root='data',
                data_prefix=folders if scored else dict(img_path='img'),
                metainfo=dict(classes=ids.names, palette=list(ids.palette)),
                pipeline=[*pipeline, dict(type='PackSegInputs')],
            ),
        ),
        # Writes masks under the names of the images. Clusters have no labels.
        test_evaluator=dict(
            type='IoUMetric',
            iou_metrics=['mIoU'],
            output_dir='masks',
            format_only=not scored,
        ),
        test_cfg=dict(type='TestLoop'),
        default_hooks=dict(visualization=dict(type='SegVisualizationHook')),
        visualizer=dict(
            type='SegLocalVisualizer', vis_backends=[dict(type='LocalVisBackend')]
        ),
    )


@torch.no_grad()
def _build(config: dict, model: ClusterSegmentor, ids: PlainIds) -> nn.Module:
    init_default_scope('mmseg')
    plain = MODELS.build(copy.deepcopy(config)).eval()
    plain.backbone.load_state_dict(model.backbone.state_dict())
    fill_neck(plain.neck, model.neck)
    fill_head(plain.decode_head, *_rows(ids.clusters, *model.decode_head.score_layer()))
    return plain


def _rows(
    clusters: Sequence[int | None], weight: Tensor, bias: Tensor
) -> tuple[Tensor, Tensor]:
    """The layer's rows in the order of the ids."""
    rows = weight.new_zeros(len(clusters), weight.shape[1])
    offsets = bias.new_full((len(clusters),), NEVER)
    for index, cluster in enumerate(clusters):
        if cluster is not None:
            rows[index], offsets[index] = weight[cluster], bias[cluster]
    return rows, offsets


def _check(plain: nn.Module, graph: PlainImages, ids: PlainIds) -> None:
    meant = torch.tensor(ids.classes)

    def masks(images: Tensor) -> Tensor:
        meta = dict(img_shape=images.shape[2:])
        scores = plain.encode_decode(graph.normalize(images), [meta])
        return meant[scores.argmax(1)]

    check_masks(graph, masks)


def _header(ids: PlainIds) -> str:
    lines = [
        'Exported by mmseg_picie; mmseg alone runs it. ids.json says what ids mean.'
    ]
    if ids.holds == 'clusters of classes':
        lines += [
            'Several clusters have one class, so ids are clusters and classes repeat:',
            'turn masks into classes by the class_id in ids.json before scoring them.',
        ]
    elif IGNORED in ids.names:
        lines += ['Ids behind the classes are clusters that were ignored (255).']
    if ids.left_out:
        lines.append(f'{ids.left_out[0].upper()}{ids.left_out[1:]}.')
    return ''.join(f'# {line}\n' for line in lines)
