"""One label file as it is stored: ids or colors."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from ..errors import InputError
from ..files import is_truncated, png_bit_depth

DEEP_MODES = ('I', 'I;16', 'I;16B', 'I;16L')
TOP, DEEP_TOP = 255, 65535
GRAY = 0x010101  # times a gray level: its color


class LabelFile(NamedTuple):
    """What a label file holds.

    Attributes:
        values: Ids, or colors as 0xRRGGBB; (H, W) int32, or (n,) once each.
        colored: Whether the values are colors.
        top: The largest id that its pixels could have: 1, 255 or 65535.
        lossy: Whether its format changes values.
        palette: Color of each id as 0xRRGGBB, (n,) int32, None without palette.
    """

    values: np.ndarray
    colored: bool
    top: int
    lossy: bool
    palette: np.ndarray | None = None

    @property
    def is_gray(self) -> bool:
        """Whether the values are ids, or colors that are all gray."""
        return not self.colored or bool((self.values % 256 * GRAY == self.values).all())

    def ids(self) -> np.ndarray:
        """The values as ids; of gray colors, their level."""
        return self.values % 256 if self.colored else self.values

    def colors(self) -> np.ndarray:
        """The values as colors: by the palette, else as gray levels.

        Raises:
            ValueError: If an id has no color.
        """
        if self.colored:
            return self.values
        if self.palette is not None:
            if self.values.size and self.values.max() >= len(self.palette):
                raise ValueError(f'id {self.values.max()} is not in its palette')
            return self.palette[self.values]
        if self.top > TOP:
            raise ValueError('16 bits a pixel are no color')
        return self.values * (GRAY * (TOP // self.top))


def read_label_file(path: str | Path) -> LabelFile:
    """Reads a label file.

    Raises:
        InputError: If it cannot be decoded, or its kind of pixels can be no label.
    """
    try:
        if is_truncated(path):
            raise InputError(f'label {path} is truncated; replace the file')
        with Image.open(path) as image:
            if getattr(image, 'n_frames', 1) > 1 and image.format != 'MPO':
                raise ValueError(f'{image.n_frames} pictures in one file')
            if image.mode == 'RGB' and png_bit_depth(path) == 16:
                raise ValueError('16 bits a channel are no color')
            image.load()
            lossy = image.format in ('JPEG', 'MPO') or _is_lossy_webp(path, image)
            return _label_of(image, lossy)
    except InputError:
        raise
    except Exception as error:  # whatever a decoder raises, it says why
        raise InputError(f'label {path}: {error}; replace the file') from error


def _label_of(image: Image.Image, lossy: bool) -> LabelFile:
    pixels = np.asarray(image)
    if image.mode == 'P':
        palette = _pack(np.array(image.getpalette('RGB'), np.int32).reshape(-1, 3))
        return LabelFile(pixels.astype(np.int32), False, TOP, lossy, palette)
    if image.mode in ('1', 'L'):
        top = 1 if image.mode == '1' else TOP
        return LabelFile(pixels.astype(np.int32), False, top, lossy)
    if image.mode in DEEP_MODES:
        low, high = pixels.min(), pixels.max()
        if low < 0 or high > DEEP_TOP:
            raise ValueError(f'ids must lie in 0-{DEEP_TOP}, got {low} to {high}')
        return LabelFile(pixels.astype(np.int32), False, DEEP_TOP, lossy)
    if image.mode in ('LA', 'RGBA'):
        if (pixels[..., -1] != 255).any():
            raise ValueError('transparent pixels may mean no class or any')
        pixels = pixels[..., :-1]
    elif image.mode != 'RGB':
        raise ValueError(f'pixels of mode {image.mode}, expected ids or RGB colors')
    if pixels.shape[2] == 1:
        return LabelFile(pixels[..., 0].astype(np.int32), False, TOP, lossy)
    return LabelFile(_pack(pixels.astype(np.int32)), True, TOP, lossy)


def _pack(rgb: np.ndarray) -> np.ndarray:
    """(..., 3) to 0xRRGGBB."""
    return rgb @ np.array([1 << 16, 1 << 8, 1], np.int32)


def _is_lossy_webp(path: str | Path, image: Image.Image) -> bool:
    if image.format != 'WEBP':
        return False
    with open(path, 'rb') as file:
        return b'VP8 ' in file.read(4096)
