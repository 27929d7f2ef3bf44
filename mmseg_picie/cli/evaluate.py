"""mmseg-picie evaluate: masks and labels, compared under each protocol of naming."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..checkpoints import build_segmentor, find_checkpoint
from ..datasets import LabelFolder
from ..errors import InputError
from ..evaluation import (
    NamingScores,
    naming_table,
    score_naming,
    with_boundaries,
)
from ..inference import (
    LabeledClusterImages,
    Segmenter,
    folder_embeddings,
    predicting_centroids,
    score_probes,
)
from .labeled_folder import open_labels
from .progress import track


@dataclass(frozen=True)
class More:
    """What is scored beside the protocols of naming.

    Attributes:
        naming_images: Folder of the images of the naming labels; None for ``images``.
        per_image: Whether to match the clusters of each image on its own.
        boundary: Whether to score boundaries under each protocol; walks over the images
            a second time.
        knn: Whether to let the nearest pixels of the naming labels vote.
        probe: Whether to train a linear layer on the naming labels.
    """

    naming_images: str | Path | None = None
    per_image: bool = False
    boundary: bool = False
    knn: bool = False
    probe: bool = False

    @property
    def probes(self) -> list[str]:
        """Names of the probes that were asked for."""
        asked = dict(knn=self.knn, linear_probe=self.probe)
        return [kind for kind, on in asked.items() if on]


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
    **more: Any,
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
        naming_labels: Labels of other images, which majority and cards name by and
            probes learn from; None for ``labels``.
        as_json: Whether to print JSON in place of the table.
        device: What the network runs on.
        refine: What masks are refined by; None: as the checkpoint says.
        **more: Attributes of :class:`More`.

    Raises:
        MissingFileError: If a file or folder does not exist.
        InputError: If labels cannot be meant, an image has labels in both folders,
            what needs naming labels has none, or the checkpoint's names are none of the
            labels'.
    """
    more = More(**more)
    _check_naming(naming_labels, more)
    file = find_checkpoint(Path(checkpoint))
    segmenter = Segmenter(file, device, predict_as='clusters', refine=refine)
    tell = (lambda line: None) if as_json else say
    scored = open_labels(segmenter, labels, images, table, tell)
    lookup = _named_lookup(file, scored.classes)
    naming = None
    if naming_labels is not None:
        folder = more.naming_images or scored.images
        naming = open_labels(segmenter, naming_labels, folder, table, tell)
        _check_apart(scored, naming)
    rows = _score(segmenter, scored, naming, simulate, lookup, more)
    if as_json:
        print(json.dumps(_content(segmenter, scored, rows), indent=2))
    else:
        print(f'{len(scored.names)} images, {segmenter.num_clusters} clusters')
        print(naming_table(rows, scored.classes))
        if segmenter.refinement is not None:
            print(f'masks of clusters are refined by {segmenter.refinement}')


def _score(
    segmenter: Segmenter,
    scored: LabelFolder,
    naming: LabelFolder | None,
    simulate: int | None,
    lookup: np.ndarray | None,
    more: More,
) -> list[NamingScores]:
    """Scores under every protocol that was asked for."""
    shape = len(scored.classes), segmenter.num_clusters
    images = LabeledClusterImages(segmenter, scored)
    labeling, centroids = None, None
    if naming is not None:
        labeling = track('naming', LabeledClusterImages(segmenter, naming))
        # With few labels some clusters are on none of them.
        centroids = predicting_centroids(segmenter)
    rows = score_naming(
        track('scoring', images),
        *shape,
        labeling=labeling,
        num_cards=simulate,
        centroids=centroids,
        names=lookup,
        per_image=more.per_image,
    )
    if more.boundary:
        rows = with_boundaries(rows, track('boundaries', images), *shape)
    if more.probes:
        streams = [folder_embeddings(segmenter, part) for part in (scored, naming)]
        options = dict(device=segmenter.device, boundary=more.boundary)
        rows += score_probes(more.probes, *streams, shape[0], **options)
    return rows


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


def _check_naming(labels: str | Path | None, more: More) -> None:
    """Refuses what needs labels of other images without them."""
    asked = [f'--{kind.removeprefix("linear_")}' for kind in more.probes]
    asked += ['--naming-images'] if more.naming_images is not None else []
    if asked and labels is None:
        raise InputError(
            f'{", ".join(asked)} needs labels of images that are not scored: name '
            'their folder with --naming-labels'
        )


def _check_apart(scored: LabelFolder, naming: LabelFolder) -> None:
    """Refuses names from labels of images that are scored, or of other classes."""
    files = {(naming.images / name).resolve() for name in naming.names}
    both = [name for name in scored.names if (scored.images / name).resolve() in files]
    if both:
        raise InputError(
            f'{len(both)} images, such as {both[0]}, have a label in {scored.labels} '
            f'and in {naming.labels}: names that have seen the scored labels would '
            'look better than they are; keep the two apart. Images of another folder '
            'may have the same names: give it with --naming-images'
        )
    if naming.classes != scored.classes:
        raise InputError(
            f'{naming.labels} has the classes {", ".join(naming.classes)}, '
            f'{scored.labels} has {", ".join(scored.classes)}: give both one --table'
        )
