"""Is an image file whole? Decoders differ: some fill what is missing with gray."""

import os
import struct
from pathlib import Path

JPEG_START, JPEG_END = b'\xff\xd8\xff', b'\xff\xd9'
PNG_START, PNG_END = b'\x89PNG\r\n\x1a\n', b'\x00\x00\x00\x00IEND\xaeB`\x82'
START_OF_SCAN = 0xDA
# TEM and RST0-RST7 stand alone; every other marker is followed by its length.
MARKERS_WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD8)}


def is_truncated(path: str | Path) -> bool:
    """Whether a JPEG or PNG file ends too early, or any file is empty.

    Reads a few bytes of a whole file, all bytes only of one with an unusual end.
    Other formats are left to their decoders, which fail on a short file.

    Args:
        path: File on a local disk.

    Raises:
        OSError: If the file cannot be read.
    """
    size = os.path.getsize(path)
    with open(path, 'rb') as file:
        start = file.read(8)
        for magic, end, has_end in (
            (JPEG_START, JPEG_END, _jpeg_has_end),
            (PNG_START, PNG_END, _png_has_end),
        ):
            if start.startswith(magic):
                file.seek(max(0, size - len(end)))
                if file.read() == end:
                    return False
                file.seek(0)
                return not has_end(file.read())
    return size == 0


def _jpeg_has_end(data: bytes) -> bool:
    """Whether EOI follows the first scan; a thumbnail in the header has its own."""
    position = 2
    while True:
        position = data.find(b'\xff', position)
        if position < 0 or position + 4 > len(data):
            return False
        marker = data[position + 1]
        if marker == START_OF_SCAN:
            return data.find(JPEG_END, position) >= 0
        if marker in (0x00, 0xFF):
            position += 1
        elif marker in MARKERS_WITHOUT_LENGTH:
            position += 2
        else:
            position += 2 + struct.unpack_from('>H', data, position + 2)[0]


def _png_has_end(data: bytes) -> bool:
    position = len(PNG_START)
    while position + 12 <= len(data):
        length, kind = struct.unpack_from('>I4s', data, position)
        if kind == b'IEND':
            return True
        position += 12 + length
    return False


def png_bit_depth(path: str | Path) -> int | None:
    """Bits per sample of a local PNG file, None for any other file."""
    if not os.path.isfile(path):
        return None
    with open(path, 'rb') as file:
        header = file.read(25)
    return header[24] if header.startswith(PNG_START) and len(header) == 25 else None
