"""Raster: a TIFF file read by parts, and its place on the map; by rasterio."""

import importlib.util
import warnings
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import TiffImagePlugin

from ..errors import InputError
from .image_header import ORIENTATION

TIFF_SUFFIXES = ('.tif', '.tiff')
CACHE = 64  # MB of decoded blocks; GDAL's default is a twentieth of all memory
MOST_BANDS = 4
REMEDY = "pip install 'mmseg_picie[geo]' (rasterio) to read it by parts"


class Place(NamedTuple):
    """Where an image lies on the map.

    Attributes:
        crs: Coordinate reference system as WKT, empty if there is none.
        transform: From pixels to its coordinates, six numbers in GDAL's order.
    """

    crs: str
    transform: tuple[float, ...]


class Raster:
    """A TIFF file whose pixels are read when they are asked for.

    Pixels are those that OpenCV gives for a whole file: 16 bits are divided by 257;
    one or two bands are gray (the first), three or four are red, green, blue, and are
    black where the fourth is an alpha band and 0. (OpenCV cuts off gray of 16 bits
    where this rounds, and mixes the bands of files that do not call the fourth alpha.)

    Args:
        path: The file.

    Attributes:
        shape: (H, W, 3).

    Raises:
        InputError: If it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        import rasterio

        self.path = path
        try:
            with rasterio.Env(GDAL_CACHEMAX=CACHE), warnings.catch_warnings():
                warnings.simplefilter('ignore', rasterio.errors.NotGeoreferencedWarning)
                self._file = rasterio.open(path)
        except rasterio.errors.RasterioError as error:
            raise InputError(f'{path} cannot be opened: {error}') from error
        self.shape = (*self._file.shape, 3)
        self._rows: tuple[int, int] | None = None
        self._held: np.ndarray | None = None

    def __enter__(self) -> 'Raster':
        return self

    def __exit__(self, *_) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._held = None
        self._file.close()

    @property
    def place(self) -> Place | None:
        """Where the image lies; None if the file does not say, or is to be turned."""
        crs, transform = self._file.crs, self._file.transform
        if (crs is None and transform.is_identity) or self._orientation() != 1:
            return None
        return Place('' if crs is None else crs.to_wkt(), transform.to_gdal())

    def require_image(self) -> None:
        """Refuses what is no picture.

        Raises:
            InputError: If values are not 8 or 16 bits without sign, there are more than
                four bands, a color table, or the file says that it is to be turned.
        """
        from rasterio.enums import ColorInterp

        found = sorted(set(self._file.dtypes))
        kinds = self._file.colorinterp
        problem = None
        if len(found) > 1 or found[0] not in ('uint8', 'uint16'):
            problem = f'has values of {", ".join(found)}'
        elif self._file.count > MOST_BANDS:
            problem = f'has {self._file.count} bands'
        elif kinds[0] == ColorInterp.palette:
            problem = f'has {kinds[0].name} colors'
        elif self._orientation() != 1:
            problem = 'is to be turned (orientation tag)'
        if problem is not None:
            raise InputError(
                f'{self.path} {problem}: a large TIFF must have one band or red, green '
                'and blue, of 8 or 16 bits (gdal_translate -b 1 -b 2 -b 3 -ot Byte)'
            )

    def __getitem__(self, part: tuple[slice, slice]) -> np.ndarray:
        """Pixels of rows and columns with a beginning and end, (h, w, 3) uint8 BGR.

        Whole rows are kept until others are asked for: a file in strips would be
        decoded once for each tile of a row.

        Raises:
            InputError: If they cannot be read.
        """
        rows, columns = part
        if self._rows != (rows.start, rows.stop):
            self._held = None  # before the next is read
            self._held = self._read(rows)
            self._rows = rows.start, rows.stop
        return np.ascontiguousarray(self._held[:, columns])

    def _read(self, rows: slice) -> np.ndarray:
        import rasterio
        from rasterio.enums import ColorInterp
        from rasterio.windows import Window

        window = Window(0, rows.start, self.shape[1], rows.stop - rows.start)
        bands = [3, 2, 1] if self._file.count >= 3 else [1]
        has_alpha = self._file.colorinterp[-1] == ColorInterp.alpha
        try:
            with rasterio.Env(GDAL_CACHEMAX=CACHE):
                found = self._file.read(bands, window=window)
                alpha = None
                if has_alpha and len(bands) == 3:
                    alpha = self._file.read(self._file.count, window=window)
        except rasterio.errors.RasterioError as error:
            raise InputError(
                f'{self.path} cannot be read in rows {rows.start} to {rows.stop}: '
                f'{error}'
            ) from error
        pixels = np.empty((*found.shape[1:], 3), np.uint8)
        for channel in range(3):
            band = found[channel if len(bands) == 3 else 0]
            pixels[..., channel] = band if band.dtype == np.uint8 else _to_8_bits(band)
        if alpha is not None:
            pixels[alpha == 0] = 0
        return pixels

    def _orientation(self) -> int:
        # GDAL does not tell it; Pillow's open would refuse a large image.
        with TiffImagePlugin.TiffImageFile(self.path) as image:
            return image.tag_v2.get(ORIENTATION, 1)


def _to_8_bits(band: np.ndarray) -> np.ndarray:
    # 65535 becomes 255, rounded.
    return ((band.astype(np.uint32) + 128) // 257).astype(np.uint8)


def open_raster(path: Path | None) -> Raster | None:
    """A TIFF file for reading by parts; None for other files or without rasterio.

    Raises:
        InputError: If it is a TIFF by its name and cannot be opened.
    """
    if path is None or path.suffix.lower() not in TIFF_SUFFIXES:
        return None
    if importlib.util.find_spec('rasterio') is None:
        return None
    return Raster(path)
