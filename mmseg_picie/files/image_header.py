"""Size and orientation of an image from its header, without its pixels."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

# Tags of EXIF and TIFF.
TIFF_WIDTH, TIFF_HEIGHT, ORIENTATION = 0x0100, 0x0101, 0x0112
# Orientation -> stored pixels as a viewer shows them; 1 is as stored.
TURNS = {
    2: lambda x: x[:, ::-1],
    3: lambda x: x[::-1, ::-1],
    4: lambda x: x[::-1],
    5: lambda x: x.swapaxes(0, 1),
    6: lambda x: np.rot90(x, -1),
    7: lambda x: x[::-1, ::-1].swapaxes(0, 1),
    8: np.rot90,
}


class ImageHeader(NamedTuple):
    """Stored size of an image and how it is to be turned.

    Attributes:
        size: (height, width) of the stored pixels.
        orientation: EXIF's code, 1 (as stored) to 8.
    """

    size: tuple[int, int]
    orientation: int

    @property
    def shown(self) -> tuple[int, int]:
        """(height, width) as shown, that is after turning by EXIF."""
        return self.size[::-1] if self.orientation >= 5 else self.size


def image_header(path: str | Path) -> ImageHeader:
    """Reads the header of an image file.

    Raises:
        OSError: If the file is missing or no image.
        Image.DecompressionBombError: If it is larger than Pillow allows.
    """
    with Image.open(path) as image:
        code = image.getexif().get(ORIENTATION, 1)
        size = image.size[::-1]
        if image.format == 'TIFF':  # Pillow may have exchanged the sides already
            size = (image.tag_v2[TIFF_HEIGHT], image.tag_v2[TIFF_WIDTH])
        return ImageHeader(size, code if code in TURNS else 1)


def turn(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Turns stored pixels as EXIF says.

    Args:
        pixels: (H, W) or (H, W, C).
        orientation: EXIF's code; 1 and unknown codes leave them as they are.

    Returns:
        A contiguous array of the same type; sides are exchanged for codes 5 to 8.
    """
    return np.ascontiguousarray(TURNS.get(orientation, lambda x: x)(pixels))
