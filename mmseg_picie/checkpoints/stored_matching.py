"""Reads ``matching.json`` and checks what it belongs to."""

import json
from pathlib import Path

from ..errors import InputError, MissingFileError

PARTS = (
    'protocol',
    'num_clusters',
    'centroids',
    'classes',
    'palette',
    'cluster_to_class',
    'cluster_to_class_majority',
)


def read_matching(path: Path) -> dict:
    """Content of a ``matching.json`` that an evaluation wrote.

    Args:
        path: The file.

    Returns:
        Its parts by name; the maps give the class of each cluster, -1 for none.

    Raises:
        MissingFileError: If it does not exist.
        InputError: If it is something else.
    """
    remedy = (
        'evaluate the checkpoint (tools/test.py CONFIG CHECKPOINT), which writes '
        'matching.json beside its log; training leaves one in the work directory'
    )
    if not path.is_file():
        raise MissingFileError(f'matching {path} does not exist: {remedy}')
    try:
        table = json.loads(path.read_text(encoding='utf-8'))
    except ValueError as error:
        raise InputError(
            f'matching {path} is no JSON file ({error}): {remedy}'
        ) from error
    parts = table if isinstance(table, dict) else {}
    missing = [part for part in PARTS if part not in parts]
    if missing:
        raise InputError(f'matching {path} has no {", ".join(missing)}: {remedy}')
    return table


def check_matching_source(
    table: dict, path: Path, num_clusters: int, centroids: str | None, holder: str
) -> None:
    """Refuses a matching of other clusters than those it would name.

    Args:
        table: As :func:`read_matching` returns it.
        path: Its file.
        num_clusters: K of the clusters to name.
        centroids: Their source in words, with its check sum; None if not known.
        holder: What has these clusters, for the message.

    Raises:
        InputError: If K or the centroids differ or are not known, or a map does not
            hold K class ids.
    """
    found = table['num_clusters'], table['centroids']
    if centroids is None or found != (num_clusters, centroids):
        raise InputError(
            f'{path} is of {table["num_clusters"]} clusters, {table["centroids"]!r}; '
            f'{holder} holds {num_clusters}, {centroids!r}: evaluate this checkpoint '
            'and use the file that writes'
        )
    num_classes = len(table['classes'])
    for name in ('cluster_to_class', 'cluster_to_class_majority'):
        ids = table[name]
        # -2 would count from the end of the classes.
        wrong = [index for index in ids if index not in range(-1, num_classes)]
        if len(ids) != num_clusters or wrong:
            raise InputError(
                f'{path}: {name} must hold {num_clusters} ids in [-1, {num_classes}), '
                f'got {ids}: use the file as an evaluation wrote it'
            )
