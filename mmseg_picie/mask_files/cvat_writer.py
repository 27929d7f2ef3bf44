"""CvatWriter: masks as CVAT imports them."""

import cv2
import numpy as np

from ..files import write_whole
from .mask import Mask
from .voc_layout import VocLayoutWriter


class CvatWriter(VocLayoutWriter):
    """``cvat/``: what CVAT calls "Segmentation mask 1.1", to be zipped.

    RGB masks: ``SegmentationClass`` in the colors of ``labelmap.txt``, and
    ``SegmentationObject``, where each class of an image is one object in the color
    that Pascal VOC gives its number (1, 2, ...). Pixels without class are black in
    both, so CVAT imports nothing there.
    """

    root = 'cvat'

    def write(self, mask: Mask) -> None:
        """Writes both masks of an image, that of the classes last."""
        path = self.path(mask.name)
        found = list(self.table.areas(mask))
        objects = np.zeros((256, 3), np.uint8)
        objects[found] = voc_colors(len(found) + 1)[1:]
        classes = np.zeros((256, 3), np.uint8)
        classes[: len(self.table)] = self.table.colors
        inside = path.relative_to(self.out / self.folder)
        other = self.out / self.root / 'SegmentationObject' / inside
        for file, colors in ((other, objects), (path, classes)):
            file.parent.mkdir(parents=True, exist_ok=True)
            picture = colors[:, ::-1][mask.class_ids]
            write_whole(file, cv2.imencode('.png', picture)[1].tobytes())


def voc_colors(count: int) -> np.ndarray:
    """The colors that Pascal VOC gives numbers 0, 1, ..., (count, 3) uint8 RGB.

    The bits of a number are dealt to red, green and blue in turn, from the highest bit
    of a color down.
    """
    bits = np.arange(count)[:, None] >> np.arange(8) & 1
    colors = np.zeros((count, 3), np.uint8)
    for bit in range(8):
        colors[:, bit % 3] |= (bits[:, bit] << (7 - bit // 3)).astype(np.uint8)
    return colors
