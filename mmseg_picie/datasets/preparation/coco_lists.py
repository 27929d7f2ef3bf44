"""The rules by which the published lists of COCO-Stuff choose their images."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from ...errors import InputError
from ...files import write_whole
from ..label_maps import COCO_STUFF, COCO_STUFF3, FINE_TO_COARSE, IGNORE
from .coco_layout import TRAIN_ID_SUFFIX
from .tracking import Track, untracked


@dataclass(frozen=True)
class ListRule:
    """An image is listed if it is large and mostly covered by some super-classes.

    Attributes:
        classes: The super-classes.
        min_share: Least share of all pixels, unlabeled ones included.
        suffix: End of the lists' names.
        published: Ids in the published list of each split.
        min_side: Least height and width in pixels.
        note: What is not certain about the rule.
    """

    classes: tuple[int, ...]
    min_share: float
    suffix: str
    published: dict[str, int]
    min_side: int = 360
    note: str = ''


# By the number of classes. 15 is the rule of IIC's coco164k_prepare.py.
RULES = {
    15: ListRule(
        classes=COCO_STUFF,
        min_share=0.75,
        suffix='',
        published={'train2017': 49_629, 'val2017': 2_175},
    ),
    3: ListRule(
        classes=COCO_STUFF3,
        min_share=0.5,
        suffix='_stuff3',
        published={'train2017': 35_228, 'val2017': 1_432},
        note='the least share, 0.5, is inferred from a few images (0.506 listed, '
        '0.481 not), so this list is near the published one, not equal to it',
    ),
}


def is_member(labels: np.ndarray, rule: ListRule) -> bool:
    """Whether an image is listed.

    Args:
        labels: Raw ids, (H, W) uint8, 255 without a label.
        rule: The rule of the list.
    """
    if min(labels.shape) < rule.min_side:
        return False
    counts = np.bincount(labels.ravel(), minlength=256)
    coarse = np.array(FINE_TO_COARSE)
    covered = counts[: len(coarse)][np.isin(coarse, rule.classes)].sum()
    return bool(covered >= rule.min_share * labels.size)


def list_members(
    folder: str | Path, rule: ListRule, track: Track = untracked
) -> list[str]:
    """Ids that the rule lists, in order.

    Args:
        folder: Folder of the label PNGs of a split, raw ids; what mmseg's converter
            adds is passed over.
        rule: The rule of the list.
        track: Shows the progress.

    Raises:
        InputError: If a label file cannot be read or has other ids.
    """
    paths = [
        path
        for path in sorted(Path(folder).glob('*.png'))
        if not path.stem.endswith(TRAIN_ID_SUFFIX)
    ]
    title = f'list of {Path(folder).name}'
    return [p.stem for p in track(title, paths) if is_member(_read(p), rule)]


def write_list(path: Path, ids: list[str]) -> None:
    """Writes one id per line, the file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, ''.join(f'{entry}\n' for entry in ids).encode())


def _read(path: Path) -> np.ndarray:
    try:
        labels = np.asarray(Image.open(path))
    except (OSError, SyntaxError) as error:  # Pillow's word for a broken PNG
        raise InputError(f'{path} cannot be read ({error}); replace it') from error
    if labels.ndim != 2 or labels.dtype != np.uint8:
        raise InputError(
            f'{path} must hold one channel of 8 bits, got {labels.shape} '
            f'{labels.dtype}; replace it'
        )
    wrong = labels[(labels >= len(FINE_TO_COARSE)) & (labels != IGNORE)]
    if wrong.size:
        raise InputError(
            f'{path} has id {wrong[0]}, expected 0-{len(FINE_TO_COARSE) - 1} and '
            f'{IGNORE}; replace it'
        )
    return labels
