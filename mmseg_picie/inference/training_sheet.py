"""A picture of some training images beside the clusters that a training found."""

from collections.abc import Sequence
from pathlib import Path

from ..visualization import contact_sheet
from .input_images import InputImage
from .prediction import Prediction
from .predictor import Predictor


def training_sheet(checkpoint: Path, images: Sequence[str | Path], out: Path) -> int:
    """Writes a sheet of images beside their clusters.

    Args:
        checkpoint: Of a run.
        images: Files; those that cannot be read are left out.
        out: PNG file to write.

    Returns:
        Images on the sheet; without any nothing is written.

    Raises:
        InputError: If the checkpoint's network cannot predict whole images.
    """
    predictor = Predictor(checkpoint, predict_as='clusters')
    chosen = [InputImage(Path(path).stem, Path(path)) for path in images]
    found: list[Prediction] = list(
        predictor.predictions(
            chosen, batch_size=1, on_unreadable=lambda image, error: None
        )
    )
    if found:
        contact_sheet(
            [one.image.path for one in found],
            [one.ids for one in found],
            predictor.classes,
            predictor.palette,
            out,
            [one.image.name for one in found],
            f'{len(found)} training images, each beside its clusters',
        )
    return len(found)
