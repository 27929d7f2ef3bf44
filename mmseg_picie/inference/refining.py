"""Clusters that mix two things, divided while all others stay as they are."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from ..checkpoints import (
    Names,
    build_segmentor,
    check_weights,
    part_ids,
    read_run_checkpoint,
    save_split,
    stored_resize,
    write_names,
)
from ..clustering import ClusterParts, PointSample, split_cluster
from ..engine import PassProgress
from ..errors import InputError, MissingFileError, check_least
from ..files import Raster, list_images
from ..models import BaseClusteringHead
from .fit_plan import DEFAULT_SIZE, FitPlan, empty_folder, evenly
from .fit_results import MODEL, write_results
from .input_images import InputImage, is_large
from .predictor import Predictor
from .reading import LARGE_TILE
from .tiles import tiles

NAMES = 'names.yaml'
PARTS = 4
SEEN = 2000  # images at most that points come from
KEPT = 400_000  # points of all clusters to split; 200 MB at 128 dimensions
COMPARED = 100_000  # points of all clusters that are compared before and after
Say = Callable[[str], None]
Layer = tuple[Tensor, Tensor]  # scores as a linear map of a point: (K, D) and (K,)


@dataclass(frozen=True)
class Refined:
    """What dividing clusters gave.

    Attributes:
        model: The new checkpoint.
        names: The names file for it.
        ids: Ids of the parts of each cluster that was divided, the largest part first.
        num_clusters: K of the new checkpoint.
        changed: Share of the pixels that another cluster than before has, parts of
            what was divided not counted.
    """

    model: Path
    names: Path
    ids: dict[int, tuple[int, ...]]
    num_clusters: int
    changed: float


def refine(
    predictor: Predictor,
    names: Names,
    images: Path,
    out: Path,
    say: Say,
    parts: int = PARTS,
    seed: int = 0,
) -> Refined:
    """Divides the clusters that a person marked, and writes what a fit writes.

    The points of each marked cluster in the images are clustered again. The largest
    part takes the id of the cluster, the others follow after all ids; all other
    clusters keep id, name and, up to a thin line around the divided ones, their pixels.

    Args:
        predictor: Its network.
        names: Names for its clusters, with those to split.
        images: Folder of the images of the run.
        out: Folder of the results, new or empty.
        say: Takes lines for a person.
        parts: Of each cluster, >= 2.
        seed: Of all draws.

    Raises:
        MissingFileError: If ``images`` does not exist.
        InputError: If nothing is to be split or it cannot be, the network has no
            centroids, or ``out`` is not empty.
    """
    check_least('parts', parts, 2)
    check_marked(predictor, names)
    empty_folder(out)
    head = predictor.model.decode_head
    found = _images_of(images)
    seen = evenly(found, SEEN)
    say(f'Dividing {len(names.split)} clusters by {len(seen)} images of {images} ...')
    samples, everywhere = _gather(predictor, images, seen, names.split, seed)
    before = _layer(head)
    divided = {
        cluster: split_cluster(
            samples[cluster].points, *before, cluster, parts, seed=seed
        )
        for cluster in names.split
    }
    ids = part_ids(head.num_clusters, names.split, parts)
    for cluster, own in ids.items():
        say(f'  {_describe(cluster, own, divided[cluster])}')
    draft = out / 'log' / 'refine' / MODEL
    digest = save_split(predictor.checkpoint, head, divided, ids, draft)
    after = _layer(build_segmentor(draft)[0].decode_head)
    changed = _changed(everywhere.points, before, after, ids)
    say(f'  {100 * changed:.2f} % of all pixels go from one cluster to another')
    num_clusters = len(after[0])
    plan = FitPlan(images, found, num_clusters, _size(predictor), 0, out, seed)
    model = write_results(plan, draft, out, say)
    write_names(out / NAMES, replace(names, checkpoint=digest, split=()))
    return Refined(model, out / NAMES, ids, num_clusters, changed)


def check_marked(predictor: Predictor, names: Names) -> None:
    """Refuses names that mark nothing that can be divided.

    Raises:
        InputError: If they are for other weights, mark no cluster or one that does not
            exist, or the network has no centroids.
    """
    source = predictor.checkpoint
    head = predictor.model.decode_head
    if head.cluster_vectors is None:
        raise InputError(
            f'{source} has a {type(head).__name__}, which has no centroids to divide: '
            'name the run of a fit or of a training of clusters'
        )
    if head.no_graph:
        raise InputError(
            f'the clusters of {source} cannot be divided: they are those of masks '
            "(decode_head.predict_by='masks'), not of single points"
        )
    check_weights(read_run_checkpoint(str(source)), names, source)
    names.check_exist(head.num_clusters)
    if not names.split:
        raise InputError(
            "no cluster is marked: add the line 'split: [3, 7]' with the ids of those "
            'that mix two things'
        )


def _images_of(folder: Path) -> tuple[str, ...]:
    remedy = 'name the folder of the images with --images'
    if not folder.is_dir():
        raise MissingFileError(f'the images of the run are not in {folder}: {remedy}')
    names, _ = list_images(folder)
    if not names:
        raise InputError(f'{folder} holds no image: {remedy}')
    return tuple(names)


def _gather(
    predictor: Predictor,
    images: Path,
    names: Sequence[str],
    split: Sequence[int],
    seed: int,
) -> tuple[dict[int, PointSample], PointSample]:
    """Points of each cluster to split, and of all clusters."""
    weight, bias = predictor.model.decode_head.score_layer()
    capacity = KEPT // len(split)
    samples = {cluster: PointSample(capacity, seed) for cluster in split}
    everywhere = PointSample(COMPARED, seed)
    with PassProgress('looking at the clusters', len(names)) as progress:
        for name in names:
            for pixels in _pictures(InputImage(name, images / name)):
                points = predictor.embed(pixels).flatten(1).T.clone()
                own = _ids(points, weight, bias)
                for cluster, sample in samples.items():
                    sample.add(points[own == cluster].cpu())
                everywhere.add(points.cpu())
            progress.advance(1)
    return samples, everywhere


def _pictures(image: InputImage) -> Iterator[np.ndarray | Raster]:
    """What the network sees of an image: all of it, or its tiles."""
    try:
        with image.open() as pixels:
            size = pixels.shape[:2]
            if not is_large(size):
                yield pixels
                return
            for tile in tiles(size, LARGE_TILE):
                yield pixels[tile.read]
    except InputError:
        return  # write_results says which images cannot be read


def _layer(head: BaseClusteringHead) -> Layer:
    weight, bias = head.score_layer()
    return weight.detach().cpu(), bias.detach().cpu()


@torch.no_grad()
def _ids(points: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    return torch.addmm(bias, points, weight.T).max(1).indices


def _changed(
    points: Tensor, before: Layer, after: Layer, ids: dict[int, tuple[int, ...]]
) -> float:
    """Share of points whose cluster is neither the old one nor a part of it."""
    wholes = torch.arange(len(after[0]))
    for cluster, own in ids.items():
        wholes[list(own)] = cluster
    changes = wholes[_ids(points, *after)] != _ids(points, *before)
    return float(changes.double().mean())


def _describe(cluster: int, own: tuple[int, ...], parts: ClusterParts) -> str:
    shares = ', '.join(f'{100 * share:.0f}' for share in parts.shares.tolist())
    return f'cluster {cluster} -> {", ".join(map(str, own))} ({shares} % of it)'


def _size(predictor: Predictor) -> int:
    resize = stored_resize(predictor.cfg)
    return DEFAULT_SIZE if resize is None else resize['size']
