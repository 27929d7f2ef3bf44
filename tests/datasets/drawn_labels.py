"""Draws folders of images and labels."""

import numpy as np
from PIL import Image

from mmseg_picie.datasets import LabelFolder

NAMES = ['0.jpg', 'a/1.jpg', 'a/2.png']
COLORS = np.array([[0, 0, 0], [200, 30, 30], [30, 200, 30], [30, 30, 200]], np.uint8)
HEIGHT, WIDTH = 12, 16


def class_maps(count=3, classes=2):
    """(count, H, W) uint8: blocks of every class."""
    rng = np.random.default_rng(0)
    maps = rng.integers(0, classes, (count, HEIGHT // 4, WIDTH // 4))
    maps[:, 0, :classes] = np.arange(classes)
    return np.kron(maps, np.ones((1, 4, 4))).astype(np.uint8)


def save(path, pixels, **options):
    """Writes an image of an array, its kind by the suffix."""
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path, **options)


def save_palette(path, ids, colors=COLORS):
    """Writes an image of ids with a palette."""
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.fromarray(ids)
    image.putpalette(np.asarray(colors, np.uint8).ravel().tolist())
    image.save(path)


def write_images(root, names=NAMES, size=(HEIGHT, WIDTH)):
    """Writes gray pictures below ``root/img``; gives their names."""
    for name in names:
        save(root / 'img' / name, np.full((*size, 3), 90, np.uint8))
    return list(names)


def write_labels(folder, names, pixels, suffix='.png', write=save, **options):
    """Writes a label for each image: the same path, another suffix."""
    for name, array in zip(names, pixels):
        write(folder / (name.rpartition('.')[0] + suffix), array, **options)
    return folder


def labels_of(root, pixels, table=None, classes=None, **options):
    """The labels of the images of ``root``, written from arrays."""
    write_labels(root / 'ann', NAMES, pixels, **options)
    if table is not None:
        (root / 'table.csv').write_text(table)
        table = root / 'table.csv'
    return LabelFolder(root / 'img', root / 'ann', table, classes)


def loaded(labels):
    """The class maps of all images, (N, H, W) uint8."""
    return np.stack([labels.load(name) for name in labels.names])
