"""Mask: the predicted classes of one image."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..files import path_below

MOST_8_BIT_CLASSES = 255  # ids 0 to 254; 255 stands for no class


def id_dtype(num_classes: int) -> np.dtype:
    """The type of the ids of a mask: uint8, or uint16 for more than 255 classes."""
    return np.dtype(np.uint8 if num_classes <= MOST_8_BIT_CLASSES else np.uint16)


def ignore_id(num_classes: int) -> int:
    """The id that stands for no class: 255, or 65535 for more than 255 classes."""
    return np.iinfo(id_dtype(num_classes)).max


@dataclass(frozen=True)
class Mask:
    """The predicted classes of one image.

    Attributes:
        name: Path of the image below the input folder, in POSIX form, with its suffix:
            ``left/frame.jpg``.
        image: The image file, for writers that show it; None where there is none.
        class_ids: (H, W), uint8, or uint16 for more than 255 classes. The largest
            value of the type (255, 65535) is a pixel without class.
        confidence: (H, W), float16 or float32 in [0, 1]; None where it is not known.

    Raises:
        InputError: If the name leads out of the folder.
        ValueError: If an array has another shape or type.
    """

    name: str
    image: Path | None
    class_ids: np.ndarray
    confidence: np.ndarray | None = None

    def __post_init__(self) -> None:
        path_below(Path(), self.name)
        ids, confidence = self.class_ids, self.confidence
        if ids.ndim != 2 or 0 in ids.shape or ids.dtype not in (np.uint8, np.uint16):
            raise ValueError(
                f'class_ids must be (H, W) of uint8 or uint16, got {ids.shape} of '
                f'{ids.dtype} for {self.name}'
            )
        if confidence is None:
            return
        if confidence.shape != ids.shape:
            raise ValueError(
                f'confidence must have the shape of class_ids {ids.shape}, got '
                f'{confidence.shape} for {self.name}'
            )
        if confidence.dtype not in (np.float16, np.float32):
            raise ValueError(
                f'confidence must be float16 or float32, got {confidence.dtype} for '
                f'{self.name}'
            )
