"""Files on disk: what is an image of a folder, whole (atomic) writes, JSON, texts."""

from .image_files import is_truncated, png_bit_depth
from .image_header import ImageHeader, image_header, turn
from .image_listing import (
    IMAGE_SUFFIXES,
    is_hidden,
    is_image_name,
    left_out_sentences,
    list_images,
)
from .json_file import write_json
from .text_file import decode_text
from .whole_files import save_whole, write_whole

__all__ = [
    'IMAGE_SUFFIXES',
    'ImageHeader',
    'decode_text',
    'image_header',
    'is_hidden',
    'is_image_name',
    'is_truncated',
    'left_out_sentences',
    'list_images',
    'png_bit_depth',
    'save_whole',
    'turn',
    'write_json',
    'write_whole',
]
