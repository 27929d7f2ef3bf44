"""What a fit leaves for a person to look at."""

import shutil
from pathlib import Path

from .cluster_cards import ClusterCards
from .fit_plan import FitPlan, evenly
from .input_images import InputImage
from .prediction import write_masks
from .predictor import Prediction, Predictor
from .training_sheet import save_sheet

MODEL = 'clusters.pth'
FORMATS = ('png', 'overlay')
SHOWN = 500  # images at most that masks and overlays are written of
ON_THE_SHEET = 12
SHEET = 'contact_sheet.png'
# What lies in the folder of results beside the model and the config.
FOLDERS = ('masks', 'overlays', 'clusters')
FILES = ('predict.json', 'clusters.csv', SHEET)


def clear_results(folder: Path) -> None:
    """Removes what an interrupted :func:`write_results` left in a folder.

    Nothing else is touched.
    """
    for name in FOLDERS:
        if (folder / name).is_dir():
            shutil.rmtree(folder / name)
    for name in FILES:
        (folder / name).unlink(missing_ok=True)


def write_results(plan: FitPlan, checkpoint: Path, folder: Path, say) -> Path:
    """Writes a model and what it predicts: masks, overlays, pictures of clusters.

    Args:
        plan: The plan.
        checkpoint: Of a run.
        folder: Where to; there must be no results yet.
        say: Takes lines for a person.

    Returns:
        The model in the folder.
    """
    folder.mkdir(parents=True, exist_ok=True)
    model = folder / MODEL
    draft = model.with_suffix('.part')
    shutil.copy(checkpoint, draft)
    draft.replace(model)
    shutil.copy(next(checkpoint.parent.glob('*.py')), folder / 'config.py')
    predictor = Predictor(model)
    cards = ClusterCards(predictor.classes, predictor.palette)
    names = evenly(plan.names, SHOWN)
    images = [InputImage(name, plan.images / name) for name in names]
    on_sheet = set(evenly(names, ON_THE_SHEET))
    shown: list[Prediction] = []

    def on_mask(prediction: Prediction) -> None:
        cards.add(prediction.image.read(), prediction.ids)
        if prediction.image.name in on_sheet:
            shown.append(prediction)

    written = write_masks(predictor, images, folder, FORMATS, on_mask=on_mask)
    for name, reason in written.unreadable:
        say(f'  left out: {name} ({reason})')
    cards.save_pages(folder / 'clusters')
    cards.save_table(folder / 'clusters.csv')
    save_sheet(predictor, shown, folder / SHEET)
    return model
