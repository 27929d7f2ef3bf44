"""Masks of a folder of images, written as they come, taken up where they stopped."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..checkpoints import weights_hash
from ..engine import PassProgress
from ..errors import InputError
from ..files import write_json
from ..mask_files import Mask, make_writers
from .input_images import InputImage
from .predictor import Predictor

RECORD = 'predict.json'
WITH_CONFIDENCE = 'npz'


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
    on_mask=None,
) -> Written:
    """Writes masks of images; what is there already is left as it is.

    Args:
        predictor: Predicts.
        images: From :func:`~mmseg_picie.inference.input_images`; names are mirrored.
        out: Folder to write to; nothing is written outside it.
        formats: Of :data:`~mmseg_picie.mask_files.FORMATS`.
        batch_size: Images of equal size that pass the network together.
        tile: As for :meth:`Predictor.predictions`.
        on_mask: Also takes each prediction.

    Raises:
        InputError: If an option is unknown, or ``out`` holds masks of another model.
    """
    result = Written()
    names = [image.name for image in images]
    writers = make_writers(
        formats, out, predictor.classes, predictor.palette, names=names
    )
    _record(predictor, out, tile)
    left = [i for i in images if not all(w.is_done(i.name) for w in writers)]
    result.there = len(images) - len(left)

    def unreadable(image: InputImage, error: InputError) -> None:
        result.unreadable.append((image.name, str(error)))
        progress.advance(1)

    found = predictor.predictions(
        left, batch_size, WITH_CONFIDENCE in formats, tile, unreadable
    )
    with PassProgress('predicting', len(left)) as progress:
        for prediction in found:
            image = prediction.image
            mask = Mask(image.name, image.path, prediction.ids, prediction.confidence)
            for writer in writers:
                if not writer.is_done(image.name):
                    writer.write(mask)
            if on_mask is not None:
                on_mask(prediction)
            result.written += 1
            progress.advance(1)
    for writer in writers:
        writer.close()
    return result


def _record(predictor: Predictor, out: Path, tile: int | None) -> None:
    """Notes what masks in a folder are of; refuses to mix them with others."""
    path = out / RECORD
    ours = dict(
        weights=weights_hash(predictor.model.state_dict()),
        cluster_to_class=predictor.model.mask_ids.tolist(),
        classes=list(predictor.classes),
        tile=tile,
    )
    if path.is_file():
        try:
            theirs = json.loads(path.read_text(encoding='utf-8'))
        except ValueError:
            theirs = None
        if theirs != ours:
            raise InputError(
                f'{out} holds masks of another model, of other names or of other '
                f'tiles ({path}): name another folder with --out'
            )
        return
    write_json(path, ours)
