"""Masks of a folder of images, written as they come, taken up where they stopped."""

import json
import os
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..checkpoints import weights_hash
from ..engine import PassProgress
from ..errors import InputError
from ..files import write_json
from ..mask_files import Mask, MaskWriter, make_writers
from .input_images import InputImage
from .large_images import write_large
from .predictor import Prediction, Predictor

RECORD = 'predict.json'
WITH_CONFIDENCE = 'npz'
# What masks of one folder have in common.
WORDS = dict(
    weights='another model',
    cluster_to_class='other names of clusters',
    classes='other names',
    tile='other tiles',
    refine='another refinement',
    images='images of another folder',
)


@dataclass
class Written:
    """What a prediction wrote.

    Attributes:
        written: Images whose masks were written now.
        there: Images whose masks were there already.
        unreadable: (name, reason) of images that could not be read.
    """

    written: int = 0
    there: int = 0
    unreadable: list[tuple[str, str]] = field(default_factory=list)


def write_masks(
    predictor: Predictor,
    images: Sequence[InputImage],
    out: Path,
    formats: Sequence[str] = ('png',),
    batch_size: int = 8,
    tile: int | None = None,
    on_mask: Callable[[Prediction], None] | None = None,
    names: Sequence[str] | None = None,
) -> Written:
    """Writes masks of images; what is there already is left as it is.

    Args:
        predictor: The network.
        images: From :func:`~mmseg_picie.inference.input_images`; names are mirrored.
        out: Folder to write to; nothing is written outside it.
        formats: Of ``mask_files.FORMATS``.
        batch_size: As for :meth:`Predictor.predictions`.
        tile: Likewise.
        on_mask: Also takes each prediction.
        names: Of all images of the folder; by default of ``images``.

    Raises:
        InputError: If an option is unknown or two names are equal, or if ``out`` has
            masks of another model or of other images.
    """
    result = Written()
    names = names or [image.name for image in images]
    _check_different(names)
    writers = make_writers(formats, out, predictor.classes, predictor.palette, names)
    _record(predictor, images, out, tile)
    left = [i for i in images if not all(w.is_done(i.name) for w in writers)]
    result.there = len(images) - len(left)
    confidence = WITH_CONFIDENCE in formats

    def unreadable(image: InputImage, error: InputError) -> None:
        result.unreadable.append((image.name, str(error)))

    large, usual = _sort_out(left, unreadable) if on_mask is None else ([], left)
    with PassProgress('predicting', len(usual)) as progress:

        def skip(image: InputImage, error: InputError) -> None:
            unreadable(image, error)
            progress.advance(1)

        for found in predictor.predictions(usual, batch_size, confidence, tile, skip):
            _write(found, writers)
            result.written += 1
            progress.advance(1)
            if on_mask is not None:
                on_mask(found)
    for image in large:
        try:
            write_large(predictor, image, writers, tile, confidence)
            result.written += 1
        except InputError as error:
            unreadable(image, error)
    for writer in writers:
        writer.close()
    return result


def _write(found: Prediction, writers: Sequence[MaskWriter]) -> None:
    """Writes a mask in the formats that do not have it yet."""
    image = found.image
    mask = Mask(image.name, image.path, found.ids, found.confidence)
    for writer in writers:
        if not writer.is_done(image.name):
            writer.write(mask)


def _sort_out(
    images: Sequence[InputImage],
    unreadable: Callable[[InputImage, InputError], None],
) -> tuple[list[InputImage], list[InputImage]]:
    """Images that are read and written by parts, and the others."""
    large, usual = [], []
    for image in images:
        try:
            raster = image.large_raster()
        except InputError as error:
            unreadable(image, error)
            continue
        if raster is not None:
            raster.close()
        (usual if raster is None else large).append(image)
    return large, usual


def _check_different(names: Sequence[str]) -> None:
    name, count = Counter(names).most_common(1)[0] if names else ('', 1)
    if count > 1:
        raise InputError(
            f'{count} images are called {name}, so that one mask would overwrite '
            'another: predict each folder into a folder of its own'
        )


def _record(
    predictor: Predictor, images: Sequence[InputImage], out: Path, tile: int | None
) -> None:
    """Notes what masks in a folder are of; refuses to mix them with others."""
    path = out / RECORD
    ours = dict(
        weights=weights_hash(predictor.model.state_dict()),
        cluster_to_class=predictor.model.mask_ids.tolist(),
        classes=list(predictor.classes),
        tile=tile,
        refine=str(predictor.refinement) if predictor.refinement else None,
        images=sorted({str(_folder_of(image)) for image in images if image.path}),
    )
    if not path.is_file():
        write_json(path, ours)
        return
    try:
        theirs = json.loads(path.read_text(encoding='utf-8'))
    except ValueError:
        theirs = None
    if not isinstance(theirs, dict):
        raise InputError(
            f'{path} is no record of masks: name another folder with --out'
        )
    other = [WORDS[key] for key in ours if theirs.get(key) != ours[key]]
    if other:
        raise InputError(
            f'{out} holds masks of {", of ".join(other)} ({path}): name another folder '
            'with --out'
        )


def _folder_of(image: InputImage) -> Path:
    """The folder that the name of an image begins in."""
    parts = len(PurePosixPath(image.name).parts)
    return Path(os.path.abspath(image.path)).parents[parts - 1]
