"""The nearest images of each image of a training set, kept in a file."""

import copy
import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from mmengine.dist import get_dist_info
from mmengine.runner import Runner
from torch import Tensor
from torch.utils.data import Dataset

from ...checkpoints import weights_hash
from ...clustering import nearest_rows
from ...datasets import collate_views, leaves, parts_of, transforms, with_leaves
from ...errors import InputError
from ...files import save_whole
from ...models import ClusterSegmentor, joined_levels
from ...safe_loading import safe_load
from .batch_norm import kept_modes
from .passes import ImagePass
from .run_parts import gather_rows, unwrap

KIND = 'mmseg_picie neighbor table'


def table_key(model: ClusterSegmentor, dataset: Dataset, count: int) -> dict[str, Any]:
    """What a neighbor table depends on; another key asks for another table.

    Args:
        model: Its backbone gives the features.
        dataset: What the table is of.
        count: Neighbors of each image.

    Returns:
        Texts and numbers by name: ``images`` (a hash of their paths, sizes and times
        of change), ``network`` (of the backbone's weights), ``views`` (how images are
        seen) and ``neighbors``.

    Raises:
        InputError: If an image is no file on disk, so that its change would go
            unnoticed.
    """
    digest = hashlib.sha256()
    for part in leaves(dataset):
        for index in range(len(part)):
            path = part.get_data_info(index)['img_path']
            try:
                found = os.stat(path)
            except OSError as error:
                raise InputError(
                    f'{path} cannot be looked at ({error.strerror}), so a changed '
                    'image would go unnoticed: NeighborTableHook needs the images as '
                    'files on disk'
                ) from error
            line = f'{path}\n{found.st_size} {found.st_mtime_ns}\n'
            digest.update(os.fsencode(line))
    return dict(
        images=digest.hexdigest(),
        network=weights_hash(model.backbone.state_dict()),
        views=repr((_wrappers(dataset), [_steps(part) for part in leaves(dataset)])),
        neighbors=count,
    )


def read_table(path: Path, key: dict[str, Any]) -> tuple[Tensor | None, list[str]]:
    """The table of a file, if it is the one asked for.

    Args:
        path: The file; need not exist.
        key: As :func:`table_key`.

    Returns:
        The table or None, and the names of what differs; none where there is no file.

    Raises:
        InputError: If the file is no neighbor table, and so not ours to overwrite.
    """
    if not path.exists():
        return None, []
    try:
        content = safe_load(path, 'cpu')
    except InputError as error:
        raise InputError(_refusal(path)) from error
    if not isinstance(content, dict) or content.get('kind') != KIND:
        raise InputError(_refusal(path))
    table, found = content.get('table'), content.get('key')
    if (
        not isinstance(found, dict)
        or not isinstance(table, Tensor)
        or table.shape[1:] != (found.get('neighbors'),)
    ):
        raise InputError(_refusal(path))
    differ = [name for name, value in key.items() if found.get(name) != value]
    return (None if differ else table), differ


def _refusal(path: Path) -> str:
    return (
        f'{path} is no neighbor table of this package, or is damaged: remove it, '
        'or name another file in NeighborTableHook.file'
    )


def write_table(path: Path, key: dict[str, Any], table: Tensor) -> None:
    """Writes a table as a whole; makes the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    save_whole(path, dict(kind=KIND, key=key, table=table))


@torch.no_grad()
def compute_table(
    runner: Runner, dataset: Dataset, count: int, batch_size: int, num_workers: int
) -> Tensor:
    """The nearest images by the cosine of their mean features (STEGO, section 3.2).

    The backbone sees each image as training does, but without random changes. Each
    process embeds its share of the images and finds the neighbors of its share; all
    return the same table.

    Args:
        runner: Of the training; its model gives the features.
        dataset: The images, with ``PairedViews`` in their pipelines.
        count: Neighbors k of each image.
        batch_size: Images per step and process.
        num_workers: Loader workers.

    Returns:
        (N, k) int32, nearest first, on the CPU.
    """
    model = unwrap(runner.model)
    images = ImagePass(
        with_leaves(dataset, _see_plainly),
        batch_size,
        num_workers,
        collate_views,
        'looking for the nearest images',
        share=1.0,
    )
    rows, pooled = [], []
    with kept_modes(model), torch.random.fork_rng(devices=[]):  # loaders draw a seed
        model.eval()
        for indices, batch in images.run((runner.seed, 0)):
            inputs = model.data_preprocessor(batch, True)['inputs']
            if inputs:
                views = inputs['view1'].contiguous(memory_format=model.memory_format)
                features = joined_levels(model.backbone(views))
                rows.append(torch.tensor(indices))
                pooled.append(features.float().mean((2, 3)).cpu())
    order = gather_rows(torch.cat(rows)).argsort()
    features = gather_rows(torch.cat(pooled))[order]
    rank, world = get_dist_info()
    part = len(features) * rank // world, len(features) * (rank + 1) // world
    device = next(model.parameters()).device
    own = nearest_rows(features.to(device), count, rows=part)
    return gather_rows(own.int().cpu())


def _see_plainly(part: Dataset) -> None:
    """Takes the random changes out of the views of a data set, a shallow copy."""
    part.pipeline = copy.copy(part.pipeline)
    part.pipeline.transforms = [
        step.without_changes() if isinstance(step, transforms.PairedViews) else step
        for step in part.pipeline.transforms
    ]


def _steps(part: Dataset) -> list[str]:
    plain = copy.copy(part)
    _see_plainly(plain)
    return [
        # What has no words of its own would be told by its place in memory.
        type(step).__name__ if type(step).__repr__ is object.__repr__ else repr(step)
        for step in plain.pipeline.transforms
    ]


def _wrappers(dataset: Dataset) -> list[tuple[str, int]]:
    """Names and lengths of the wrappers, outermost first, and of the data sets."""

    def names(node: Any) -> Iterator[tuple[str, int]]:
        yield type(node).__name__, len(node)
        for part in parts_of(node) or ():
            yield from names(part)

    return list(names(dataset))
