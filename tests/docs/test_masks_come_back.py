"""Masks in CVAT's format are labels again, as docs/tools.md says."""

import cv2
import numpy as np
from mask_cases import CLASSES, PALETTE, make_masks

from mmseg_picie.datasets import LabelFolder
from mmseg_picie.mask_files import make_writers

NAMES = ['left/0.jpg', 'right/0.jpg']


def test_masks_of_cvat_are_labels(tmp_path):
    masks = make_masks(NAMES)
    (writer,) = make_writers(['cvat'], tmp_path, CLASSES, PALETTE, NAMES)
    for mask in masks:
        writer.write(mask)
        image = tmp_path / 'images' / mask.name
        image.parent.mkdir(parents=True)
        pixels = np.zeros((*mask.class_ids.shape, 3), np.uint8)
        cv2.imwrite(str(image), pixels)
    writer.close()
    folder = tmp_path / 'cvat'
    table = folder / 'labelmap.txt'
    # As the page's sed: what is black is no class.
    lines = table.read_text().splitlines()
    lines = [f'ignore{x[x.index(":") :]}' if ':0,0,0:' in x else x for x in lines]
    table.write_text('\n'.join(lines) + '\n')
    found = LabelFolder(tmp_path / 'images', folder / 'SegmentationClass', table)
    assert found.classes == tuple(CLASSES)
    for mask in masks:
        assert np.array_equal(found.load(mask.name), mask.class_ids)
