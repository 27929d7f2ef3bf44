"""PngWriter: masks of ids as PNG with colors."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ..files import (
    Place,
    encode_id_png,
    open_raster,
    place_xml,
    write_id_tiff,
    write_whole,
)
from .mask import Mask
from .writer import MaskWriter


class PngWriter(MaskWriter):
    """``masks/....png``: class ids, shown in the colors of the classes.

    The values are the ids, 255 is no class (black). With more than 255 classes the
    files are 16-bit gray without colors and 65535 is no class. ``masks/classes.csv``
    tells names and colors.

    With rasterio a mask keeps the place of its TIFF image on the map, in
    ``masks/....png.aux.xml``, and the mask of an image that is read by parts is a
    GeoTIFF, ``masks/....tif``.
    """

    folder, suffix = 'masks', '.png'

    def encode(self, mask: Mask) -> bytes:
        """A PNG file of ids."""
        self.table.areas(mask)
        return encode_id_png(mask.class_ids, self.table.colors)

    def tiff_path(self, name: str) -> Path:
        """The file of an image that is read by parts."""
        return self.path(name).with_name(f'{Path(self.short_name(name)).name}.tif')

    def is_done(self, name: str) -> bool:
        """Whether an image needs no writing again."""
        return super().is_done(name) or self.tiff_path(name).is_file()

    def write(self, mask: Mask) -> None:
        """Writes the file of an image, after its place on the map if it has one."""
        raster = open_raster(mask.image)
        if raster is not None:
            with raster:
                place = raster.place
            if place is not None:
                path = self.path(mask.name)
                path.parent.mkdir(parents=True, exist_ok=True)
                write_whole(path.with_name(f'{path.name}.aux.xml'), place_xml(place))
        super().write(mask)

    def write_rows(
        self,
        name: str,
        size: tuple[int, int],
        rows: Iterable[np.ndarray],
        place: Place | None,
    ) -> None:
        """Writes the GeoTIFF of an image that is read by parts.

        Args:
            name: As for :class:`Mask`.
            size: (height, width) of the image.
            rows: Class ids from top to bottom, (r, width) each, as in a mask.
            place: Where the image lies.
        """
        path = self.tiff_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        table = self.table
        write_id_tiff(path, size, rows, table.ignore, table.colors, place)

    def close(self) -> None:
        """Writes the table of the classes."""
        path = self.out / self.folder / 'classes.csv'
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, self.table.as_csv())
