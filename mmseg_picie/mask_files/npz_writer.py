"""NpzWriter: ids and confidences as arrays."""

import io

import numpy as np

from .mask import Mask
from .writer import MaskWriter


class NpzWriter(MaskWriter):
    """``npz/....npz``: arrays for programs; numpy reads them without pickle.

    Arrays: ``class_ids`` (H, W), ``confidence`` (H, W) float16 where there is one,
    ``classes`` (names), ``palette`` (RGB) and ``ignore`` (the id of no class).
    """

    folder, suffix = 'npz', '.npz'

    def encode(self, mask: Mask) -> bytes:
        """A compressed archive of arrays."""
        self.table.areas(mask)
        arrays = dict(
            class_ids=mask.class_ids,
            classes=np.array(self.table.names),
            palette=np.array(self.table.colors, np.uint8),
            ignore=np.array(self.table.ignore),
        )
        if mask.confidence is not None:
            arrays['confidence'] = mask.confidence.astype(np.float16)
        file = io.BytesIO()
        np.savez_compressed(file, **arrays)
        return file.getvalue()
