"""OverlayWriter: pictures to look at."""

import cv2

from ..errors import InputError
from ..visualization import draw_overlay, panel_size, read_for_display
from .mask import Mask
from .writer import MaskWriter

QUALITY = 92  # of 100


class OverlayWriter(MaskWriter):
    """``overlays/....jpg``: the image, the image under its mask, and a legend.

    Pictures are at most about 1600 px wide, small images are enlarged. A mask cannot
    be read back from them.
    """

    folder, suffix = 'overlays', '.jpg'

    def encode(self, mask: Mask) -> bytes:
        """A JPEG file.

        Raises:
            InputError: If the image is no file that can be decoded.
        """
        if mask.image is None:
            raise InputError(
                f'{mask.name} is no file, so it has no overlay: predict from a file, '
                "or leave out the format 'overlay'"
            )
        areas = self.table.areas(mask)
        size = panel_size(mask.class_ids.shape)
        picture = draw_overlay(
            read_for_display(mask.image, mask.class_ids.shape, size),
            mask.class_ids,
            areas,
            self.table.names,
            self.table.colors,
        )
        quality = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
        return cv2.imencode('.jpg', picture, quality)[1].tobytes()
