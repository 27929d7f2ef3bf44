"""mmseg-picie evaluate: masks and labels, compared under each protocol of naming."""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from ..checkpoints import build_segmentor, find_checkpoint
from ..datasets import LabelFolder
from ..errors import InputError
from ..evaluation import LabeledClusters, NamingScores, naming_table, score_naming
from ..inference import LabeledClusterImages, Segmenter, predicting_centroids
from .labeled_folder import open_labels
from .progress import track


def evaluate(
    checkpoint: str | Path,
    images: str | Path,
    labels: str | Path,
    say,
    table: str | Path | None = None,
    simulate: int | None = None,
    naming_labels: str | Path | None = None,
    as_json: bool = False,
    device: str | None = None,
    refine: str | None = None,
) -> None:
    """Runs the command.

    Args:
        checkpoint: A checkpoint file, named or not, or a folder of a run.
        images: Folder of images.
        labels: Folder of their labels.
        say: Takes a line for a person.
        table: What ids or colors of labels mean.
        simulate: Cards of each cluster that names are simulated with; None for no
            simulation.
        naming_labels: Labels of other images of the folder, which majority and cards
            name by; None for ``labels``.
        as_json: Whether to print JSON in place of the table.
        device: What the network runs on.
        refine: What masks are refined by; None: as the checkpoint says.

    Raises:
        MissingFileError: If a file or folder does not exist.
        InputError: If labels cannot be meant, an image has labels in both folders, or
            the checkpoint's names are none of the labels'.
    """
    file = find_checkpoint(Path(checkpoint))
    segmenter = Segmenter(file, device, predict_as='clusters', refine=refine)
    tell = (lambda line: None) if as_json else say
    scored = open_labels(segmenter, labels, images, table, tell)
    lookup = _named_lookup(file, scored.classes)
    naming, centroids = None, None
    if naming_labels is not None:
        naming = _stream_to_name_by(segmenter, scored, naming_labels, table, tell)
        # With few labels some clusters are on none of them.
        centroids = predicting_centroids(segmenter)
    rows = score_naming(
        track('scoring', LabeledClusterImages(segmenter, scored)),
        len(scored.classes),
        segmenter.num_clusters,
        labeling=naming,
        num_cards=simulate,
        centroids=centroids,
        names=lookup,
    )
    if as_json:
        print(json.dumps(_content(segmenter, scored, rows), indent=2))
    else:
        print(f'{len(scored.names)} images, {segmenter.num_clusters} clusters')
        print(naming_table(rows, scored.classes))
        if segmenter.refinement is not None:
            print(f'masks are refined by {segmenter.refinement}')


def _content(
    segmenter: Segmenter, scored: LabelFolder, rows: list[NamingScores]
) -> dict[str, Any]:
    return dict(
        checkpoint=str(segmenter.checkpoint),
        num_images=len(scored.names),
        num_clusters=segmenter.num_clusters,
        refine=str(segmenter.refinement) if segmenter.refinement else None,
        classes=list(scored.classes),
        palette=scored.palette,
        results=[row.to_dict(scored.classes) for row in rows],
    )


def _named_lookup(checkpoint: Path, classes: Sequence[str]) -> np.ndarray | None:
    """Class of the labels that each cluster was named as, by name; None if unnamed.

    A name that no label has is wrong on every pixel.
    """
    model, _ = build_segmentor(checkpoint)
    if model.predict_as != 'classes':
        return None
    names = model.dataset_meta['classes']
    if not set(names) & set(classes):
        raise InputError(
            f'{checkpoint} predicts {", ".join(names[:20])}; the labels have '
            f'{", ".join(classes[:20])}: none is the same. Give the labels these names '
            'with --table, or name the clusters as the labels are'
        )
    index = {called: number for number, called in enumerate(classes)}
    # By position; the last stands for -1, a cluster without a name.
    of_class = np.array([*(index.get(called, -1) for called in names), -1])
    return of_class[model.decode_head.cluster_to_class.numpy()]


def _stream_to_name_by(
    segmenter: Segmenter, scored: LabelFolder, labels: str | Path, table, tell
) -> Iterable[LabeledClusters]:
    naming = open_labels(segmenter, labels, scored.images, table, tell)
    _check_apart(scored, naming)
    return track('naming', LabeledClusterImages(segmenter, naming))


def _check_apart(scored: LabelFolder, naming: LabelFolder) -> None:
    """Refuses names from labels of images that are scored, or of other classes."""
    both = sorted(set(scored.names) & set(naming.names))
    if both:
        raise InputError(
            f'{len(both)} images, such as {both[0]}, have a label in {scored.labels} '
            f'and in {naming.labels}: names that have seen the scored labels would '
            'look better than they are; keep the two apart'
        )
    if naming.classes != scored.classes:
        raise InputError(
            f'{naming.labels} has the classes {", ".join(naming.classes)}, '
            f'{scored.labels} has {", ".join(scored.classes)}: give both one --table'
        )
