"""Names the clusters of a run: a checkpoint that predicts named classes."""

from collections.abc import Sequence
from pathlib import Path

from ..checkpoints import (
    Names,
    check_out,
    count_clusters,
    find_checkpoint,
    name_checkpoint,
    names_from_settings,
    read_names,
    read_run_checkpoint,
    weights_hash,
)
from ..errors import InputError

SHOWN = 12  # ids of a list before it is cut


def name(
    run_checkpoint: Path,
    names_file: Path | None,
    settings: Sequence[str],
    ignore: Sequence[str],
    out: Path,
) -> list[str]:
    """Writes a checkpoint that predicts what clusters are called.

    Args:
        run_checkpoint: A work directory or a checkpoint file. In a work directory the
            checkpoint is the one that the names file is for; without a names file the
            best one, or the last.
        names_file: A names file; None without one.
        settings: 'IDS=NAME' each; they change what the file says.
        ignore: 'IDS' to ignore each, or 'rest'.
        out: File to write.

    Returns:
        Lines that say what was written.

    Raises:
        MissingFileError: If a file does not exist.
        InputError: If there are no names, or they do not fit the checkpoint.
    """
    names = None if names_file is None else read_names(names_file)
    checkpoint = find_checkpoint(run_checkpoint, names and names.checkpoint)
    check_out(checkpoint, out)
    if names is None or settings or ignore:
        names = _with_settings(names, checkpoint, settings, ignore)
    try:
        return write_named(checkpoint, names, out)
    except InputError as error:
        if names_file is None:
            raise
        raise InputError(f'{names_file}: {error}') from error


def _with_settings(
    names: Names | None,
    checkpoint: Path,
    settings: Sequence[str],
    ignore: Sequence[str],
) -> Names:
    loaded = read_run_checkpoint(str(checkpoint))
    num_clusters = count_clusters(loaded, checkpoint)
    digest = weights_hash(loaded['state_dict'])
    if names is None and not settings and not ignore:
        raise InputError(
            f'nothing to name by: give a names file, or --set IDS=NAME. {checkpoint} '
            f'has {num_clusters} clusters, ids from 0 to {num_clusters - 1}; a names '
            f'file for it holds the line checkpoint: {digest}'
        )
    given = digest if names is None else names.checkpoint
    return names_from_settings(settings, given, num_clusters, ignore, base=names)


def write_named(checkpoint: Path, names: Names, out: Path) -> list[str]:
    """As :func:`name`, for names that are there already."""
    whole = name_checkpoint(checkpoint, names, out)
    return describe_names(names, whole, f'{out}, from {checkpoint}')


def describe_names(given: Names, whole: Names, title: str) -> list[str]:
    """Lines on the classes and their clusters.

    Args:
        given: What a person named.
        whole: The same for all clusters (:meth:`Names.complete`).
        title: What has these classes.
    """
    unnamed = given.unnamed(len(whole.clusters))
    lines = [f'{title}: {len(given.classes)} named classes']
    for called in given.classes:
        ids = [entry.id for entry in given.clusters if entry.name == called]
        lines.append(f'  {called}: {_clusters(ids)}')
    ignored = [entry.id for entry in given.clusters if entry.name is None]
    if ignored:
        lines.append(f'  ignored, 255 in masks: {_clusters(ignored)}')
    if unnamed:
        lines.append(
            f'  without a name, each a class of its own (cluster_{unnamed[0]} ...): '
            f'{_clusters(unnamed)}; --ignore rest makes them 255'
        )
    return lines


def _clusters(ids: list[int]) -> str:
    shown = ', '.join(map(str, ids[:SHOWN]))
    more = f' and {len(ids) - SHOWN} more' if len(ids) > SHOWN else ''
    return f'cluster{"s" * (len(ids) > 1)} {shown}{more}'
