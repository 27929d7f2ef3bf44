"""CVAT and VOC folders, read by the documented rules of their formats."""

import cv2
import numpy as np
import pytest
from mask_cases import CLASSES, PALETTE, make_masks, random_ids
from PIL import Image

from mmseg_picie.errors import InputError
from mmseg_picie.mask_files import Mask, make_writers
from mmseg_picie.mask_files.cvat_writer import voc_colors
from mmseg_picie.models import distinct_palette

NAMES = ['left/0.jpg', 'right/0.jpg', 'gray.jpg', 'gray.png', 'żółty kot.jpg']
LISTED = ['gray.jpg', 'gray.png', 'left/0', 'right/0', 'żółty kot']
MANY = [f'c{index}' for index in range(255)]
FORMATS = pytest.mark.parametrize('name', ['cvat', 'voc'])


def open_writer(name, out, classes=CLASSES, palette=PALETTE, names=NAMES):
    return make_writers([name], out, classes, palette, names)[0]


def write(name, out, masks, **kwargs):
    writer = open_writer(name, out, **kwargs)
    for mask in masks:
        writer.write(mask)
    writer.close()


def read_labels(folder):
    """{name: (r, g, b)} of a labelmap.txt: name:r,g,b:parts:actions, # comments."""
    labels = {}
    for line in (folder / 'labelmap.txt').read_text(encoding='utf-8').splitlines():
        if line and not line.startswith('#'):
            name, color, parts, actions = line.split(':')
            assert (parts, actions) == ('', '') and name not in labels
            labels[name] = tuple(int(value) for value in color.split(','))
    assert len(set(labels.values())) == len(labels)
    return labels


def read_list(folder):
    path = folder / 'ImageSets' / 'Segmentation' / 'default.txt'
    return path.read_text(encoding='utf-8').splitlines()


def read_rgb(path):
    return np.array(Image.open(path).convert('RGB'))


def read_cvat(folder):
    """{listed name: class ids, 255 for none}, as CVAT reads them: by objects."""
    labels = read_labels(folder)
    nothing = next(name for name, color in labels.items() if color == (0, 0, 0))
    names = [name for name in labels if name != nothing]
    numbers = {color: number for number, color in enumerate(VOC_256)}
    found = {}
    for name in read_list(folder):
        classes = read_rgb(folder / 'SegmentationClass' / f'{name}.png')
        objects = read_rgb(folder / 'SegmentationObject' / f'{name}.png')
        ids = np.full(classes.shape[:2], 255, np.uint8)
        for color in np.unique(objects.reshape(-1, 3), axis=0):
            if numbers[tuple(color.tolist())] == 0:
                continue
            part = (objects == color).all(-1)
            (label,) = {tuple(c) for c in classes[part].tolist()}
            ids[part] = names.index(next(n for n in names if labels[n] == label))
        found[name] = ids
    return found


def read_voc(folder):
    """{listed name: class ids, 255 for none}, by values and by colors alike."""
    colors = np.array(list(read_labels(folder).values()))
    found = {}
    for name in read_list(folder):
        path = folder / 'SegmentationClass' / f'{name}.png'
        values = np.array(Image.open(path))
        assert np.array_equal(colors[values], read_rgb(path))
        found[name] = values - np.uint8(1)
    return found


READERS = dict(cvat=read_cvat, voc=read_voc)
# Written down from the development kit of Pascal VOC.
VOC_FIRST = [
    *[(0, 0, 0), (128, 0, 0), (0, 128, 0), (128, 128, 0), (0, 0, 128)],
    *[(128, 0, 128), (0, 128, 128), (128, 128, 128), (64, 0, 0), (192, 0, 0)],
    *[(64, 128, 0), (192, 128, 0), (64, 0, 128), (192, 0, 128), (64, 128, 128)],
    *[(192, 128, 128), (0, 64, 0), (128, 64, 0), (0, 192, 0), (128, 192, 0)],
    (0, 64, 128),
]
VOC_256 = [tuple(color) for color in voc_colors(256).tolist()]


def test_object_colors_are_those_of_pascal_voc():
    assert VOC_256[: len(VOC_FIRST)] == VOC_FIRST
    assert VOC_256[255] == (224, 224, 192)
    assert len(set(VOC_256)) == 256


@FORMATS
def test_every_pixel_is_read_back(name, tmp_path):
    masks = make_masks(NAMES)
    write(name, tmp_path, masks)
    found = READERS[name](tmp_path / name)
    assert list(found) == LISTED
    for mask, listed in zip(masks, ['left/0', 'right/0', *NAMES[2:4], 'żółty kot']):
        assert np.array_equal(found[listed], mask.class_ids)
    assert list(read_labels(tmp_path / name)) == ['background', *CLASSES]


@FORMATS
def test_255_classes_in_one_image_are_read_back(name, tmp_path):
    ids = random_ids(255, (60, 60))
    assert len(np.unique(ids)) == 256
    palette = distinct_palette(255)
    mask = Mask('x.png', None, ids)
    write(name, tmp_path, [mask], classes=MANY, palette=palette, names=['x.png'])
    assert np.array_equal(READERS[name](tmp_path / name)['x'], ids)


@FORMATS
def test_a_class_named_background_stays_a_class(name, tmp_path):
    masks = make_masks(['x.png'])
    classes = ('background', *CLASSES[1:])
    write(name, tmp_path, masks, classes=classes, names=['x.png'])
    assert list(read_labels(tmp_path / name)) == ['no_class', *classes]
    found = READERS[name](tmp_path / name)
    assert np.array_equal(found['x'], masks[0].class_ids)


@FORMATS
def test_a_stopped_run_goes_on(name, tmp_path):
    masks = make_masks(NAMES)
    stopped = open_writer(name, tmp_path)
    stopped.write(masks[0])
    again = open_writer(name, tmp_path)
    assert [again.is_done(n) for n in NAMES] == [True, False, False, False, False]
    for mask in masks[1:]:
        again.write(mask)
    again.close()
    assert list(READERS[name](tmp_path / name)) == LISTED


def test_an_image_without_its_class_mask_is_not_done(tmp_path):
    write('cvat', tmp_path, make_masks(NAMES))
    (tmp_path / 'cvat' / 'SegmentationClass' / 'left' / '0.png').unlink()
    assert not open_writer('cvat', tmp_path).is_done('left/0.jpg')


def test_masks_of_cvat_have_three_channels(tmp_path):
    write('cvat', tmp_path, make_masks(NAMES))
    for folder in ('SegmentationClass', 'SegmentationObject'):
        path = tmp_path / 'cvat' / folder / 'left' / '0.png'
        assert Image.open(path).mode == 'RGB'


def test_a_viewer_shows_the_colors_of_the_classes(tmp_path):
    ids = np.array([[0, 2, 255]], np.uint8)
    write('voc', tmp_path, [Mask('x.png', None, ids)], names=['x.png'])
    shown = cv2.imread(str(tmp_path / 'voc/SegmentationClass/x.png'))[0, :, ::-1]
    assert shown.tolist() == [list(PALETTE[0]), list(PALETTE[2]), [0, 0, 0]]


@FORMATS
@pytest.mark.parametrize(
    'classes, palette, message',
    [
        ([*MANY, 'last'], distinct_palette(256), 'at most 255 classes, got 256'),
        (['a', 'b'], [[1, 2, 3], [0, 0, 0]], "class 'b' is black"),
        (['a:b'], [[1, 2, 3]], "'a:b' cannot stand"),
        (['#a'], [[1, 2, 3]], "'#a' cannot stand"),
        (['a\nb'], [[1, 2, 3]], 'cannot stand'),
        ([' a'], [[1, 2, 3]], 'cannot stand'),
    ],
)
def test_what_a_table_of_labels_cannot_hold_is_refused(
    name, tmp_path, classes, palette, message
):
    with pytest.raises(InputError, match=message):
        open_writer(name, tmp_path, classes, palette)


@FORMATS
@pytest.mark.parametrize('image', ['a\nb.jpg', ' a.jpg', 'a\u2028b.jpg'])
def test_what_a_list_of_names_cannot_hold_is_refused(name, tmp_path, image):
    with pytest.raises(InputError, match='list of names'):
        write(name, tmp_path, make_masks([image]), names=[image])
