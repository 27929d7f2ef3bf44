"""PNG files of ids that look like something in a viewer."""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image


def encode_id_png(ids: np.ndarray, palette: Sequence[Sequence[int]]) -> bytes:
    """A one-channel PNG file whose values are ids.

    Ids of 8 bits are shown in their colors (indexed PNG), ids of 16 bits as gray,
    because PNG has no more than 256 colors.

    Args:
        ids: (H, W), uint8 or uint16.
        palette: [r, g, b] of ids 0, 1, ...; ids beyond are black. Colors beyond the
            256th are not used.

    Returns:
        Content of the file.
    """
    image = Image.fromarray(np.ascontiguousarray(ids))
    if ids.dtype == np.uint8:
        table = np.zeros((256, 3), np.uint8)
        table[: len(palette)] = np.array(palette[:256], np.uint8).reshape(-1, 3)
        image.putpalette(table.tobytes())
    file = io.BytesIO()
    image.save(file, 'PNG')
    return file.getvalue()
