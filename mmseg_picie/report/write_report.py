"""RUN/report.html: the page where clusters get names."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import mmseg_picie

from ..checkpoints import find_checkpoint, read_names, read_run_checkpoint, weights_hash
from ..datasets import LabelFolder
from ..engine import versions
from ..errors import InputError
from ..files import write_whole
from ..inference import Predictor, predicting_centroids
from ..models import distinct_palette
from .cluster_survey import ClusterSurvey
from .gallery import make_gallery
from .html_page import render_page
from .label_figures import count_labels, describe_labels
from .page_data import describe_clusters, describe_names, describe_relations
from .run_history import read_curves, read_versions
from .surveyed_images import choose_images, run_images

REPORT = 'report.html'
GALLERY_BUDGET = 6_000_000  # bytes
NUM_COLORS = 256  # for names, in the order in which they are given

Say = Callable[[str], None]


def write_report(
    run: str | Path,
    labels: str | Path | None = None,
    images: str | Path | None = None,
    table: str | Path | None = None,
    names: str | Path | None = None,
    device: str | None = None,
    say: Say = lambda line: None,
) -> Path:
    """Writes the page of a run: one file that needs no network.

    Args:
        run: A folder of a run, or a checkpoint file.
        labels: Folder of labels, for classes and scores of clusters.
        images: Folder of images, also those of the labels; None for those of the run.
        table: What ids or colors of labels mean.
        names: A names file whose names the page begins with.
        device: What the network runs on.
        say: Takes a line for a person.

    Returns:
        report.html, beside the checkpoint.

    Raises:
        MissingFileError: If a file or folder does not exist.
        InputError: If the images of the run are not there, the names are for other
            weights, or the labels cannot be meant.
    """
    checkpoint = find_checkpoint(Path(run))
    loaded = read_run_checkpoint(str(checkpoint))
    digest = weights_hash(loaded['state_dict'])
    given = None if names is None else read_names(Path(names))
    if given is not None and given.checkpoint != digest:
        raise InputError(
            f'{names} names clusters of the weights {given.checkpoint}, and '
            f'{checkpoint} has {digest}: clusters of other weights are other clusters'
        )
    predictor = Predictor(checkpoint, device, predict_as='clusters')
    if given is not None:
        given.complete(predictor.num_clusters)  # refuses what naming would refuse
    folder = run_images(predictor.cfg, checkpoint) if images is None else Path(images)
    found = None
    if labels is not None:
        found = LabelFolder(folder, labels, table)
        for line in (f'{labels}: {found.encoding}', *found.notes):
            say(line)
    data = _describe(predictor, folder, found, say)
    data['checkpoint'], data['run'] = digest, str(checkpoint.parent)
    data['run_name'] = checkpoint.parent.resolve().name
    data['names'] = describe_names(given)
    data['history'] = _history(checkpoint.parent, loaded['meta']['cfg'])
    title = f'{data["run_name"]}: clusters'
    path = checkpoint.with_name(REPORT)
    write_whole(path, render_page(title, data).encode())
    return path


def _describe(
    predictor: Predictor, folder: Path, labels: LabelFolder | None, say: Say
) -> dict[str, Any]:
    chosen = choose_images(folder, labels.names if labels is not None else ())
    count = len(chosen.surveyed)
    survey = ClusterSurvey(predictor.num_clusters, num_images=count)
    survey.add_all(predictor, chosen.surveyed)
    for name, reason in survey.left_out:
        say(f'  left out: {name} ({reason})')
    gallery = make_gallery(predictor, chosen.gallery, labels, GALLERY_BUDGET)
    figures = None
    if labels is not None:
        confusion = count_labels(predictor, labels)
        parts = (labels.classes, labels.palette, len(labels.names))
        figures = describe_labels(confusion, *parts)
    return dict(
        images=dict(total=chosen.total, surveyed=survey.places.num_images),
        clusters=describe_clusters(survey),
        **describe_relations(survey, predicting_centroids(predictor)),
        palette=distinct_palette(NUM_COLORS),
        gallery=gallery,
        labels=figures,
    )


def _history(run: Path, config: str) -> dict[str, Any]:
    return dict(
        curves=read_curves(run),
        config=config,
        versions=read_versions(run) or versions(),
        written_by=mmseg_picie.__version__,
    )
