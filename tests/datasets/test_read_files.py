"""Folders, lists and broken files in the state that people have them."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from mmseg_picie.datasets.base import OptionalLabelDataset
from mmseg_picie.datasets.image_folder import ImageFolderDataset
from mmseg_picie.errors import InputError

LOAD = [dict(type='LoadImageFromFile')]
LOAD_BOTH = [*LOAD, dict(type='LoadAnnotations'), dict(type='RemapLabels')]
NAMES = ['b.png', 'grün.png', 'sub/a.png']
BOTH_KINDS = pytest.mark.parametrize('kind', [OptionalLabelDataset, ImageFolderDataset])


@pytest.fixture
def root(tmp_path):
    """Three images in ``img``."""
    for name in NAMES:
        (tmp_path / 'img' / name).parent.mkdir(parents=True, exist_ok=True)
        Image.new('RGB', (30, 20)).save(tmp_path / 'img' / name)
    return tmp_path


def build(root, kind=OptionalLabelDataset, pipeline=LOAD, **kwargs):
    kwargs = dict(data_prefix=dict(img_path='img'), img_suffix='.png') | kwargs
    return kind(data_root=str(root), pipeline=pipeline, **kwargs)


def names(dataset, root):
    paths = [dataset.get_data_info(i)['img_path'] for i in range(len(dataset))]
    return [path.removeprefix(f'{root}/img/') for path in paths]


@BOTH_KINDS
@pytest.mark.parametrize('encoding', ['utf-8', 'utf-8-sig', 'utf-16', 'utf-32'])
def test_a_list_may_be_in_every_unicode(root, kind, encoding):
    (root / 'list.txt').write_bytes('sub/a\r\ngrün\r\n'.encode(encoding))
    dataset = build(root, kind, ann_file='list.txt')
    assert names(dataset, root) == ['sub/a.png', 'grün.png']


@BOTH_KINDS
def test_a_list_in_another_code_page_is_named(root, kind):
    (root / 'list.txt').write_text('b\ngrün\n', encoding='cp1252')
    with pytest.raises(InputError, match=r'list\.txt is no UTF-8 .*save it as UTF-8'):
        build(root, kind, ann_file='list.txt')


@BOTH_KINDS
def test_a_repeated_line_is_said_and_used_once(root, kind, log):
    (root / 'list.txt').write_text('sub/a\nb\nsub/a.png\nsub/a\n')
    dataset = build(root, kind, ann_file='list.txt')
    assert names(dataset, root) == ['sub/a.png', 'b.png']
    said = f"4 lines of '{root}/list.txt' name 2 images; repeated ones, such as 'sub/a"
    assert said in log.text


def test_a_list_without_repetition_says_nothing(root, log):
    (root / 'list.txt').write_text('sub/a\nb\n')
    build(root, ann_file='list.txt')
    assert not log.text


@BOTH_KINDS
def test_hidden_images_and_links_back_are_left_out_and_said(root, kind, log):
    for folder in ('.ipynb_checkpoints', '__MACOSX'):
        (root / 'img' / folder).mkdir()
        Image.new('RGB', (3, 3)).save(root / f'img/{folder}/b.png')
    (root / 'img/sub/again').symlink_to('../..', target_is_directory=True)
    (root / 'img/sub/.gone.png').symlink_to('nowhere.png')
    assert names(build(root, kind), root) == NAMES
    for name, reason in (
        ('.ipynb_checkpoints', 'is hidden: its name begins with a dot'),
        ('__MACOSX', 'is a folder of the system'),
        ('sub/again', 'is a link back to ../.., a folder that holds it'),
    ):
        assert f'{root}/img/{name} is left out: it {reason}' in log.text


def test_a_link_to_nowhere_is_an_error(root):
    (root / 'img/c.png').symlink_to('nowhere.png')
    with pytest.raises(FileNotFoundError, match=r'c\.png is a link to nowhere\.png, w'):
        build(root)


def huge_png():
    """A whole file that claims 1600 megapixels."""
    parts = (
        (b'IHDR', struct.pack('>IIBBBBB', 40000, 40000, 8, 2, 0, 0, 0)),
        (b'IDAT', zlib.compress(bytes(100))),
        (b'IEND', b''),
    )
    return b'\x89PNG\r\n\x1a\n' + b''.join(
        struct.pack('>I', len(data))
        + kind
        + data
        + struct.pack('>I', zlib.crc32(kind + data))
        for kind, data in parts
    )


@pytest.mark.parametrize(
    ('content', 'reason'),
    [
        (b'this is text', r'cannot be decoded \(cannot identify image file\)'),
        (huge_png(), r'cannot be decoded \(.*MAX_IMAGE_PIXELS: more .* is set\)'),
        (b'', 'is truncated'),
    ],
)
def test_the_reason_of_the_decoder_of_an_image_is_said(root, content, reason):
    (root / 'img/b.png').write_bytes(content)
    with pytest.raises(InputError, match=rf'img/b\.png {reason}; replace the file or'):
        build(root)[0]


def test_an_image_that_is_gone_is_missing(root):
    dataset = build(root)
    (root / 'img/b.png').unlink()
    with pytest.raises(InputError, match=r'img/b\.png is missing; replace'):
        dataset[0]


def test_the_reason_of_the_decoder_of_a_label_is_said(root, monkeypatch):
    folders = dict(img_path='img', seg_map_path='ann')
    for name in NAMES:
        (root / 'ann' / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.zeros((20, 30), np.uint8)).save(root / 'ann' / name)
    dataset = build(
        root, pipeline=LOAD_BOTH, data_prefix=folders, metainfo=dict(classes=('a',))
    )
    assert not dataset[0]['gt_seg_map'].any()
    monkeypatch.setattr(Image, 'MAX_IMAGE_PIXELS', 100)
    reason = r'cannot be decoded \(Image size \(600 pixels\) exceeds limit of 200'
    with pytest.raises(InputError, match=rf'ann/b\.png {reason}'):
        dataset[0]
