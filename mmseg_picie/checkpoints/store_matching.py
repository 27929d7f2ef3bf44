"""A checkpoint that predicts the classes of a matching."""

from pathlib import Path

from ..models import head_sources
from .name_checkpoint import check_out, count_clusters, save_named
from .pretrained import read_run_checkpoint
from .run_checkpoints import CENTROID_PREFIX
from .stored_matching import check_matching_source, read_matching


def store_matching(
    checkpoint: Path, matching: Path, out: Path, majority: bool = False
) -> list[str]:
    """Writes a copy of a checkpoint whose head knows the class of each cluster.

    As :func:`~mmseg_picie.checkpoints.name_checkpoint`, with all classes of the data
    set in their order, also those that no cluster has.

    Args:
        checkpoint: Written by a run, or a named copy of one.
        matching: ``matching.json`` of an evaluation of the same centroids.
        out: File to write; not the checkpoint itself.
        majority: Whether to take the majority matching instead of the one-to-one.

    Returns:
        Class name of each cluster, 'no class' where it has none.

    Raises:
        MissingFileError: If ``matching`` does not exist.
        InputError: If ``matching`` is no such file, or of other centroids.
    """
    check_out(checkpoint, out)
    table = read_matching(matching)
    loaded = read_run_checkpoint(str(checkpoint))
    num_clusters = count_clusters(loaded, checkpoint)
    source = _source(loaded['state_dict'], table['centroids'])
    check_matching_source(table, matching, num_clusters, source, str(checkpoint))
    key = 'cluster_to_class_majority' if majority else 'cluster_to_class'
    classes = table['classes']
    save_named(loaded, table[key], classes, table['palette'], checkpoint, out)
    return [classes[c] if c >= 0 else 'no class' for c in table[key]]


def _source(state: dict, wanted: str | None) -> str:
    """The wanted one of what a state can predict with; else the usual one."""
    head = {
        name.removeprefix(CENTROID_PREFIX): value
        for name, value in state.items()
        if name.startswith(CENTROID_PREFIX)
    }
    sources = head_sources(head)
    return wanted if wanted in sources else sources[0]
