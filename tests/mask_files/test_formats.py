import re
from pathlib import Path

import cv2
import numpy as np
import pytest
from mask_cases import CLASSES, PALETTE, random_ids

from mmseg_picie.errors import InputError
from mmseg_picie.mask_files import FORMATS, Mask, make_writers

PAGE = Path(__file__).resolve().parents[2] / 'docs' / 'mask_formats.md'


def files_below(folder):
    return {p.relative_to(folder).as_posix() for p in folder.rglob('*') if p.is_file()}


def test_all_formats_are_written_below_one_folder(tmp_path):
    image = tmp_path / 'in' / 'left' / '0.jpg'
    image.parent.mkdir(parents=True)
    cv2.imwrite(str(image), np.zeros((13, 17, 3), np.uint8))
    before = files_below(tmp_path)
    out = tmp_path / 'out'
    writers = make_writers(FORMATS, out, CLASSES, PALETTE, ['left/0.jpg'])
    assert not out.exists()
    for writer in writers:
        assert not writer.is_done('left/0.jpg')
        writer.write(Mask('left/0.jpg', image, random_ids(3)))
        assert writer.is_done('left/0.jpg')
        writer.close()
        assert writer.is_done('left/0.jpg')
    assert files_below(out) == {
        'coco.json',
        'cvat/ImageSets/Segmentation/default.txt',
        'cvat/SegmentationClass/left/0.png',
        'cvat/SegmentationObject/left/0.png',
        'cvat/labelmap.txt',
        'masks/classes.csv',
        'masks/left/0.png',
        'npz/left/0.npz',
        'overlays/left/0.jpg',
        'voc/ImageSets/Segmentation/default.txt',
        'voc/SegmentationClass/left/0.png',
        'voc/labelmap.txt',
    }
    assert files_below(tmp_path) - {f'out/{f}' for f in files_below(out)} == before


@pytest.mark.parametrize('name', FORMATS)
def test_names_that_lead_out_of_the_folder_are_refused(name, tmp_path):
    (writer,) = make_writers([name], tmp_path, CLASSES, PALETTE)
    for outside in ('../x.jpg', '/x.jpg', 'a/../../x.jpg'):
        with pytest.raises(InputError, match='leads out of'):
            writer.is_done(outside)
    with pytest.raises(InputError, match='leads out of'):
        writer.path('../x.jpg')


@pytest.mark.parametrize('name', FORMATS)
def test_an_id_that_is_no_class_is_refused(name, tmp_path):
    image = tmp_path / 'x.png'
    cv2.imwrite(str(image), np.zeros((1, 2, 3), np.uint8))
    (writer,) = make_writers([name], tmp_path / 'out', CLASSES, PALETTE)
    with pytest.raises(ValueError, match='class id 3'):
        writer.write(Mask('x.png', image, np.array([[0, 3]], np.uint8)))
    assert not writer.is_done('x.png')


def test_one_format_named_twice_is_written_once(tmp_path):
    assert len(make_writers(['png', 'npz', 'png'], tmp_path, CLASSES, PALETTE)) == 2


def test_the_page_has_every_format():
    headings = re.findall(
        r'^## `(\w+)`', PAGE.read_text(encoding='utf-8'), re.MULTILINE
    )
    assert headings == list(FORMATS)
