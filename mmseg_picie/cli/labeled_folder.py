"""Labeled images as commands take them: a folder of labels, one of images, a table."""

from pathlib import Path

import numpy as np

from ..datasets import LabelFolder
from ..errors import InputError
from ..inference import LabeledClusterImages, Segmenter
from ..scores import confusion_matrix
from .progress import track


def open_labels(
    segmenter: Segmenter,
    labels: str | Path,
    images: str | Path | None,
    table: str | Path | None,
    say,
) -> LabelFolder:
    """Opens a folder of labels and says how it is read.

    Args:
        segmenter: Its checkpoint knows the images of the run.
        labels: Folder of labels.
        images: Folder of their images; None for those of the run.
        table: What ids or colors of labels mean.
        say: Takes a line for a person.

    Raises:
        MissingFileError: If a folder does not exist.
        InputError: If the images of the run are not known, or the labels cannot be
            meant.
    """
    if images is None:
        images = segmenter.cfg.get('data_root')
        if not isinstance(images, str) or not Path(images).is_dir():
            raise InputError(
                f'the images that {segmenter.checkpoint} was made from are not there '
                f'({images}): name the folder of the labeled images with --images'
            )
    found = LabelFolder(images, labels, table)
    say(f'{labels}: {found.encoding}')
    for note in found.notes:
        say(f'  {note}')
    return found


def count_labeled(segmenter: Segmenter, labels: LabelFolder, title: str) -> np.ndarray:
    """Pixels by class and cluster, (C, K), with a bar of this title."""
    counts = np.zeros((len(labels.classes), segmenter.num_clusters), dtype=np.int64)
    for clusters, classes in track(title, LabeledClusterImages(segmenter, labels)):
        counts += confusion_matrix(classes, clusters, *counts.shape)
    return counts
