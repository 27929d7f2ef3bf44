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
    title = f'{len(found)} training images, each beside its clusters'
    save_sheet(predictor, found, out, title)
    return len(found)


def save_sheet(
    predictor: Predictor,
    found: Sequence[Prediction],
    out: Path,
    title: str | None = None,
) -> None:
    """Writes images beside what was predicted for them; nothing where there are none.

    Args:
        predictor: What predicted; it has the names and colors.
        found: A prediction for each image.
        out: PNG file to write.
        title: As for :func:`~mmseg_picie.visualization.contact_sheet`.
    """
    if found:
        contact_sheet(
            [one.image.path for one in found],
            [one.ids for one in found],
            predictor.classes,
            predictor.palette,
            out,
            [one.image.name for one in found],
            title,
        )
