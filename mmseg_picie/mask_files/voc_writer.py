"""VocWriter: masks in the layout of Pascal VOC."""

import numpy as np

from ..files import encode_id_png
from .mask import Mask
from .voc_layout import BLACK, VocLayoutWriter


class VocWriter(VocLayoutWriter):
    """``voc/``: indexed PNG masks in the layout of Pascal VOC; images are not copied.

    The values are the class id + 1, and 0 for pixels without class.
    """

    root = 'voc'

    def encode(self, mask: Mask) -> bytes:
        """An indexed PNG file."""
        self.table.areas(mask)
        numbers = mask.class_ids + np.uint8(1)  # 255, no class, becomes 0
        return encode_id_png(numbers, [BLACK, *self.table.colors])
