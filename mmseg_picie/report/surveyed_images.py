"""Which images the page shows, and what is read of each."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from mmengine.config import Config

from ..datasets import leaves
from ..errors import InputError
from ..files import list_images
from ..inference import InputImage, evenly, is_large

SURVEYED = 300  # images at most that cards and figures come from
GALLERY = 48
TILE = 1024  # px of the middle of an image that predict would cut into tiles


class Chosen(NamedTuple):
    """Images of a folder.

    Attributes:
        total: How many there are.
        surveyed: Those that cards and figures come from.
        gallery: Those that are shown whole.
    """

    total: int
    surveyed: list[InputImage]
    gallery: list[InputImage]


def run_images(cfg: Config, source: Path) -> Path:
    """Folder of the images that a run was made from.

    Args:
        cfg: Config of the run.
        source: Its checkpoint, for the message.

    Raises:
        InputError: If it is not known or not there.
    """
    root = cfg.get('data_root')
    if cfg.get('train_dataloader') is not None:
        leaf = next(leaves(cfg.train_dataloader.dataset))
        prefix = leaf.get('data_prefix', {}).get('img_path', '')
        root = leaf.get('data_root') or root
        root = prefix if root is None else Path(root, prefix)
    if not root or not Path(root).is_dir():
        raise InputError(
            f'the images that {source} was made from are not there ({root}): name '
            'their folder with --images'
        )
    return Path(root)


def choose_images(folder: Path, labeled: Sequence[str] = ()) -> Chosen:
    """Images evenly spread over a folder; a third of the gallery has labels if any do.

    Args:
        folder: Of the images.
        labeled: Names of images that have a label.

    Raises:
        InputError: If the folder holds no image.
    """
    names, _ = list_images(folder)
    if not names:
        raise InputError(f'{folder} holds no image: name another folder')
    there = set(names)
    labeled = evenly([name for name in labeled if name in there], GALLERY // 3)
    rest = [name for name in names if name not in set(labeled)]
    shown = labeled + evenly(rest, GALLERY - len(labeled))
    return Chosen(
        len(names),
        [InputImage(name, folder / name) for name in evenly(names, SURVEYED)],
        [InputImage(name, folder / name) for name in sorted(shown)],
    )


def middle(size: tuple[int, int]) -> tuple[slice, slice] | None:
    """The part of an image that stands for it where predict would cut it into tiles.

    Args:
        size: (height, width).

    Returns:
        Rows and columns of 1024 px in its middle; None for an image that the network
        sees whole.
    """
    if not is_large(size):
        return None
    begins = [max(0, side - TILE) // 2 for side in size]
    rows, columns = (slice(begin, begin + TILE) for begin in begins)
    return rows, columns


def read_part(image: InputImage) -> np.ndarray:
    """The image, of a large one its middle, (H, W, 3) uint8 BGR.

    Raises:
        InputError: If it cannot be read.
    """
    with image.open() as pixels:
        part = middle(pixels.shape[:2])
        return np.ascontiguousarray(pixels[part] if part else pixels[:, :])
