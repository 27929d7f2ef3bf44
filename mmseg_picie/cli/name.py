"""mmseg-picie name: a checkpoint that predicts what its clusters are called."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..checkpoints import (
    REST,
    Names,
    check_out,
    count_clusters,
    find_checkpoint,
    name_checkpoint,
    names_by_majority,
    names_from_settings,
    read_names,
    read_run_checkpoint,
    weights_hash,
)
from ..errors import InputError
from ..inference import Segmenter, predicting_centroids
from .labeled_folder import count_labeled, open_labels

NAMED = 'named.pth'
SHOWN = 12  # ids of a list before it is cut


def name(
    run: str | Path,
    names: str | Path | None,
    settings: Sequence[str],
    ignore: Sequence[str],
    say,
    from_labels: str | Path | None = None,
    images: str | Path | None = None,
    table: str | Path | None = None,
    out: str | Path | None = None,
    device: str | None = None,
) -> None:
    """Runs the command.

    Args:
        run: A folder of a run or a checkpoint file. In a folder the checkpoint is the
            one that the names file is for; without a names file that of the fit, or of
            a training the best one or the last.
        names: A names file; None without one.
        settings: 'IDS=NAME' each; they change what file or labels say.
        ignore: 'IDS' to ignore each, or 'rest'.
        say: Takes a line for a person.
        from_labels: Folder of labels that name the clusters.
        images: Folder of their images; None for those of the run.
        table: What ids or colors of labels mean.
        out: File to write; None for named.pth beside the checkpoint.
        device: What the network runs on to see the labeled images.

    Raises:
        MissingFileError: If a file or folder does not exist.
        InputError: If there are no names, or they do not fit the checkpoint.
    """
    if names is not None and from_labels is not None:
        raise InputError(
            f'give a names file or --from-labels, not both: {names} and {from_labels}'
        )
    given = None if names is None else read_names(Path(names))
    checkpoint = find_checkpoint(Path(run), given and given.checkpoint)
    out = checkpoint.with_name(NAMED) if out is None else Path(out)
    check_out(checkpoint, out)
    loaded = read_run_checkpoint(str(checkpoint))
    num_clusters = count_clusters(loaded, checkpoint)
    digest = weights_hash(loaded['state_dict'])
    if given is None and from_labels is None and not settings and not ignore:
        raise InputError(
            'nothing to name by: give a names file, --set IDS=NAME or --from-labels '
            f'DIR. {checkpoint} has {num_clusters} clusters, ids from 0 to '
            f'{num_clusters - 1}; a names file for it holds the line checkpoint: '
            f'{digest}'
        )
    if from_labels is not None:
        guess = not any(text.strip() == REST for text in ignore)
        data = dict(labels=from_labels, images=images, table=table)
        given = _names_of_labels(checkpoint, digest, data, device, guess, say)
    if settings or ignore:
        digest = digest if given is None else given.checkpoint
        given = names_from_settings(settings, digest, num_clusters, ignore, base=given)
    for line in _write(checkpoint, given, out, names):
        say(line)


def _names_of_labels(
    checkpoint: Path,
    digest: str,
    data: dict[str, Any],
    device: str | None,
    guess: bool,
    say,
) -> Names:
    """Names by majority; with ``guess`` also of clusters that no label shows."""
    segmenter = Segmenter(checkpoint, device)
    labels = open_labels(segmenter, say=say, **data)
    confusion = count_labeled(segmenter, labels, 'seeing the labeled images')
    centroids = predicting_centroids(segmenter)
    unseen = 'ignore'
    if guess:
        unseen = 'keep' if centroids is None else 'nearest'
    names, without = names_by_majority(
        confusion, labels.classes, digest, labels.palette, unseen, centroids
    )
    say(f'named by the majority of pixels in {len(labels.names)} labeled images')
    if without:
        become = {
            'nearest': 'each takes the name of the nearest cluster, which is a guess '
            '(--ignore rest for none)',
            'ignore': 'ignored',
            'keep': 'each stays a class of its own',
        }
        say(f'  on no labeled pixel: {list_clusters(without)}; {become[unseen]}')
    missing = [called for called in labels.classes if called not in names.classes]
    if missing:
        say(f'  most frequent in no cluster, so not predicted: {", ".join(missing)}')
    return names


def _write(
    checkpoint: Path, given: Names, out: Path, names_file: str | Path | None
) -> list[str]:
    try:
        whole = name_checkpoint(checkpoint, given, out)
    except InputError as error:
        if names_file is None:
            raise
        raise InputError(f'{names_file}: {error}') from error
    return describe_names(given, whole, f'{out}, from {checkpoint}')


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
        lines.append(f'  {called}: {list_clusters(ids)}')
    ignored = [entry.id for entry in given.clusters if entry.name is None]
    if ignored:
        lines.append(f'  ignored, 255 in masks: {list_clusters(ignored)}')
    if unnamed:
        lines.append(
            f'  without a name, each a class of its own (cluster_{unnamed[0]} ...): '
            f'{list_clusters(unnamed)}; --ignore rest makes them 255'
        )
    return lines


def list_clusters(ids: Sequence[int]) -> str:
    """'clusters 1, 4', cut after a dozen."""
    shown = ', '.join(map(str, ids[:SHOWN]))
    more = f' and {len(ids) - SHOWN} more' if len(ids) > SHOWN else ''
    return f'cluster{"s" * (len(ids) > 1)} {shown}{more}'
