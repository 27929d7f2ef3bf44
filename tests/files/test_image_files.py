"""Whole and truncated files, with and without odd ends."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from mmseg_picie.files.image_files import is_truncated, png_bit_depth


def picture(height=60, width=80):
    rng = np.random.default_rng(0)
    return cv2.resize(
        rng.integers(0, 256, (6, 8, 3), np.uint8), (width, height), cv2.INTER_CUBIC
    )


def encoded(kind, **options):
    if kind == 'thumbnail':  # a JPEG whose header holds a whole JPEG of its own
        small = Image.fromarray(picture(12, 16))
        thumbnail = io.BytesIO()
        small.save(thumbnail, 'JPEG')
        header = b'Exif\x00\x00' + thumbnail.getvalue()
        segment = b'\xff\xe1' + (len(header) + 2).to_bytes(2, 'big') + header
        plain = encoded('JPEG')
        return plain[:2] + segment + plain[2:]
    file = io.BytesIO()
    Image.fromarray(picture()).save(file, kind, **options)
    return file.getvalue()


KINDS = {
    'jpeg': lambda: encoded('JPEG'),
    'progressive': lambda: encoded('JPEG', progressive=True),
    'thumbnail': lambda: encoded('thumbnail'),
    'png': lambda: encoded('PNG'),
}


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('tail', [b'', b'\x00' * 9, b'some other data'])
def test_a_whole_file_passes_whatever_follows_it(tmp_path, kind, tail):
    path = tmp_path / 'file'
    path.write_bytes(KINDS[kind]() + tail)
    assert not is_truncated(path)


@pytest.mark.parametrize('kind', KINDS)
def test_every_shorter_file_is_truncated(tmp_path, kind):
    path = tmp_path / 'file'
    whole = KINDS[kind]()
    for size in [*range(8, len(whole), 97), len(whole) - 1]:
        path.write_bytes(whole[:size])
        assert is_truncated(path), size
        # A download that stopped in a file of the full length. The last bytes of a
        # PNG are a checksum that does not matter.
        if kind != 'png' or size <= len(whole) - 12:
            path.write_bytes(whole[:size] + bytes(len(whole) - size))
            assert is_truncated(path), size


def test_an_empty_file_is_truncated(tmp_path):
    (tmp_path / 'file').touch()
    assert is_truncated(tmp_path / 'file')


def test_other_formats_are_left_to_their_decoder(tmp_path):
    path = tmp_path / 'file'
    path.write_bytes(encoded('BMP')[:200])
    assert not is_truncated(path)


def test_bit_depth_of_png_files(tmp_path):
    for dtype, depth in ((np.uint8, 8), (np.uint16, 16)):
        path = tmp_path / f'{depth}.png'
        cv2.imwrite(str(path), np.ones((4, 5), dtype))
        assert png_bit_depth(path) == depth
    (tmp_path / 'a.jpg').write_bytes(encoded('JPEG'))
    assert png_bit_depth(tmp_path / 'a.jpg') is None
    assert png_bit_depth(tmp_path / 'missing.png') is None
