"""What a person may give as images: files, folders, arrays, Pillow images, lists."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from PIL import Image

from ..errors import InputError, MissingFileError
from ..files import RASTER_REMEDY, Raster, is_truncated, list_images, open_raster

LARGE = 50_000_000  # pixels
ONE_IMAGE = (str, Path, np.ndarray, Image.Image)


@dataclass(frozen=True)
class InputImage:
    """One image, not read yet.

    Attributes:
        name: Path below the folder it was found in; of a single file its name, of an
            array 'image'.
        source: File, or the array or Pillow image itself.
    """

    name: str
    source: Any

    @property
    def path(self) -> Path | None:
        """The file, if there is one."""
        return self.source if isinstance(self.source, Path) else None

    def read(self) -> np.ndarray:
        """Pixels as training reads them, (H, W, 3) uint8 BGR.

        Raises:
            InputError: If it is no image or cannot be read.
        """
        if self.path is not None:
            return read_image(self.path)
        if isinstance(self.source, Image.Image):
            return np.ascontiguousarray(np.array(self.source.convert('RGB'))[..., ::-1])
        return _bgr_of_array(self.source)

    @contextmanager
    def open(self) -> Iterator[np.ndarray | Raster]:
        """The image, to be read by parts where that can be done, else whole.

        Raises:
            InputError: If it is no image or cannot be read.
        """
        raster = self.large_raster()
        if raster is None:
            yield self.read()
        else:
            with raster:
                yield raster

    def large_raster(self) -> Raster | None:
        """The image for reading by parts.

        Returns:
            None for an image that is read whole: it is small or no TIFF, or rasterio is
            not installed.

        Raises:
            InputError: If it is a TIFF that cannot be opened, or a large one that is no
                picture.
        """
        raster = open_raster(self.path)
        if raster is None or not is_large(raster.shape[:2]):
            if raster is not None:
                raster.close()
            return None
        raster.require_image()
        return raster


def is_large(size: tuple[int, int]) -> bool:
    """Whether an image of this (height, width) is cut into tiles unasked."""
    return size[0] * size[1] > LARGE


def is_one_image(images: Any) -> bool:
    """Whether this is an image itself, and no folder or collection of images."""
    if isinstance(images, (str, Path)):
        return not Path(images).is_dir()
    return isinstance(images, ONE_IMAGE)


def input_images(images: Any) -> Iterator[InputImage]:
    """The images that a person means.

    Args:
        images: A file, a folder, an (H, W, 3) uint8 RGB or (H, W) gray array, a Pillow
            image, or any iterable of these.

    Raises:
        MissingFileError: If a file or folder does not exist.
        InputError: If something is no image, or a folder holds none.
    """
    if isinstance(images, (str, Path)):
        yield from _on_disk(Path(images))
    elif isinstance(images, ONE_IMAGE):
        yield InputImage('image', images)
    elif isinstance(images, Iterable):
        for image in images:
            yield from input_images(image)
    else:
        raise InputError(
            'images must be a file, a folder, an array, a Pillow image or a list of '
            f'these, got {type(images).__name__}'
        )


def read_image(path: Path) -> np.ndarray:
    """Pixels of an image file, (H, W, 3) uint8 BGR, turned as its EXIF says.

    Raises:
        InputError: If the file is truncated or no image that OpenCV reads.
    """
    if is_truncated(path):
        raise InputError(f'{path} is truncated: replace the file')
    try:
        image = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    except cv2.error as error:
        hint = ''
        if 'MAX_IMAGE' in error.err:
            hint = f'; it is very large: save it as TIFF, and {RASTER_REMEDY}'
        raise InputError(f'{path} cannot be decoded: {error.err}{hint}') from error
    if image is None:
        raise InputError(
            f'{path} cannot be decoded: it is no image, or of a kind that OpenCV does '
            'not read'
        )
    return image


def _on_disk(path: Path) -> Iterator[InputImage]:
    if path.is_dir():
        names, _ = list_images(path)
        if not names:
            raise InputError(f'{path} holds no image: name another folder')
        yield from (InputImage(name, path / name) for name in names)
    elif path.exists():
        yield InputImage(path.name, path)
    else:
        raise MissingFileError(f'{path} does not exist: name an image or a folder')


def _bgr_of_array(array: np.ndarray) -> np.ndarray:
    if array.dtype != np.uint8:
        raise InputError(
            f'an image array must be uint8 (0 to 255), got {array.dtype}: scale it'
        )
    if array.ndim == 2:
        return cv2.cvtColor(array, cv2.COLOR_GRAY2BGR)
    if array.ndim == 3 and array.shape[2] == 3:
        return np.ascontiguousarray(array[..., ::-1])
    raise InputError(
        f'an image array must be (H, W, 3) RGB or (H, W) gray, got {array.shape}'
    )
