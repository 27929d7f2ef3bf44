"""JSON annotations of COCO and COCO-Stuff for a few small images."""

import json

import numpy as np
import pytest

SHAPE = (6, 8)


def box(top, left, bottom, right):
    """A polygon around whole pixels."""
    return [[left, top, right, top, right, bottom, left, bottom]]


def counts(mask):
    """Uncompressed run-length code of a mask: runs of 0 and 1 down the columns."""
    runs, value = [0], 0
    for pixel in mask.T.ravel():
        if pixel != value:
            runs.append(0)
            value = pixel
        runs[-1] += 1
    return {'size': list(mask.shape), 'counts': runs}


def rle(top, left, bottom, right, compressed=False):
    mask = np.zeros(SHAPE, np.uint8)
    mask[top:bottom, left:right] = 1
    if not compressed:
        return counts(mask)
    masks = pytest.importorskip('pycocotools.mask')
    code = masks.encode(np.asfortranarray(mask))
    return {'size': code['size'], 'counts': code['counts'].decode()}


def annotation(number, image, category, segmentation, crowd=0):
    return dict(
        id=number,
        image_id=image,
        category_id=category,
        segmentation=segmentation,
        iscrowd=crowd,
    )


def write_jsons(tmp_path):
    """Two images: one with all kinds of annotations, one with none."""
    pytest.importorskip('pycocotools')
    images = [
        dict(id=9, file_name='000000000009.jpg', height=SHAPE[0], width=SHAPE[1]),
        dict(id=30, file_name='000000000030.jpg', height=2, width=3),
    ]
    things = [
        annotation(1, 9, 1, box(1, 1, 4, 4)),  # a person
        annotation(2, 9, 18, box(2, 2, 5, 5)),  # a dog before the person
        annotation(3, 9, 90, rle(0, 0, 3, 8), crowd=1),  # behind both
    ]
    stuff = [
        annotation(4, 9, 157, rle(0, 0, 3, 8, compressed=True)),  # sky
        annotation(5, 9, 182, rle(3, 0, 6, 6, compressed=True)),  # last stuff id
        annotation(6, 9, 183, rle(5, 6, 6, 8, compressed=True)),  # other
    ]
    paths = []
    for name, entries in (('instances', things), ('stuff', stuff)):
        path = tmp_path / f'{name}_val2017.json'
        path.write_text(json.dumps(dict(images=images, annotations=entries)))
        paths.append(path)
    return paths


# The map of image 9: things over stuff, 255 without a label.
EXPECTED = np.array(
    [
        [89, 89, 89, 89, 89, 89, 89, 89],
        [89, 0, 0, 0, 89, 89, 89, 89],
        [89, 0, 17, 17, 17, 89, 89, 89],
        [181, 0, 17, 17, 17, 181, 255, 255],
        [181, 181, 17, 17, 17, 181, 255, 255],
        [181, 181, 181, 181, 181, 181, 255, 255],
    ],
    np.uint8,
)
