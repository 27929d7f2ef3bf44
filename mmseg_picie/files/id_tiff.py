"""TIFF files of ids, written row by row, with their place on the map."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from xml.sax.saxutils import escape

import numpy as np

from .raster import CACHE, Place
from .whole_files import whole_file

BLOCK = 256  # side of the tiles of the file


def write_id_tiff(
    path: Path,
    size: tuple[int, int],
    rows: Iterable[np.ndarray],
    ignore: int,
    palette: Sequence[Sequence[int]],
    place: Place | None,
) -> None:
    """A tiled, compressed GeoTIFF whose values are ids; needs rasterio.

    Args:
        path: File to write, in one step at the end; its folder must exist.
        size: (height, width).
        rows: Ids from top to bottom, (r, width) each, uint8 or uint16.
        ignore: The id of no class, the file's nodata; the largest of the ids' type.
        palette: [r, g, b] of ids 0, 1, ...; ids of 8 bits are shown in them.
        place: Where the image lies.
    """
    import rasterio
    from rasterio.transform import Affine
    from rasterio.windows import Window

    options = dict(driver='GTiff', count=1, tiled=True, compress='deflate')
    options |= dict(blockxsize=BLOCK, blockysize=BLOCK, bigtiff='if_safer')
    options |= dict(height=size[0], width=size[1], nodata=ignore)
    options['dtype'] = 'uint8' if ignore <= 255 else 'uint16'
    if place is not None:
        options |= dict(crs=place.crs, transform=Affine.from_gdal(*place.transform))
    if ignore <= 255:
        options['photometric'] = 'palette'
    with (
        whole_file(path) as draft,
        rasterio.Env(GDAL_CACHEMAX=CACHE),
        rasterio.open(draft, 'w', **options) as file,
    ):
        if ignore <= 255:
            colors = {index: (0, 0, 0, 255) for index in range(256)}
            colors |= {i: (*map(int, c), 255) for i, c in enumerate(palette)}
            file.write_colormap(1, colors)
        for start, block in _whole_blocks(rows):
            file.write(block, 1, window=Window(0, start, size[1], len(block)))


def _whole_blocks(rows: Iterable[np.ndarray]) -> Iterator[tuple[int, np.ndarray]]:
    """(first row, ids): whole tiles of the file, which are then written only once."""
    start, held = 0, None
    for part in rows:
        held = part if held is None else np.concatenate([held, part])
        whole = len(held) // BLOCK * BLOCK
        if whole:
            yield start, held[:whole]
            start, held = start + whole, held[whole:]
    if held is not None and len(held):
        yield start, held


def place_xml(place: Place) -> bytes:
    """What GDAL, and so QGIS, reads beside an image without a place in it.

    Args:
        place: Where the image lies.

    Returns:
        Content of ``NAME.png.aux.xml``.
    """
    numbers = ', '.join(repr(float(number)) for number in place.transform)
    crs = f'  <SRS>{escape(place.crs)}</SRS>\n' if place.crs else ''
    text = f'<PAMDataset>\n{crs}  <GeoTransform>{numbers}</GeoTransform>\n'
    return f'{text}</PAMDataset>\n'.encode()
