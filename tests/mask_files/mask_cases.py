"""Masks by hand for the tests of formats."""

import numpy as np

from mmseg_picie.mask_files import Mask, id_dtype, ignore_id

CLASSES = ('cell', 'nucleus', 'glass')
PALETTE = ((230, 20, 30), (40, 220, 60), (10, 90, 240))


def random_ids(num_classes, shape=(13, 17), seed=0):
    """Ids with every class, and pixels without class."""
    generator = np.random.default_rng(seed)
    ids = generator.integers(0, num_classes + 1, shape).astype(id_dtype(num_classes))
    ids[ids == num_classes] = ignore_id(num_classes)
    return ids


def make_masks(names, num_classes=3, image=None):
    return [
        Mask(name, image, random_ids(num_classes, (5 + index, 7 + index), index))
        for index, name in enumerate(names)
    ]
