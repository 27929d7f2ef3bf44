"""Files on disk: whole (atomic) writes, JSON, and whether an image file is whole."""

from .image_files import is_truncated, png_bit_depth
from .image_folder import SUFFIXES, list_images
from .json_file import write_json
from .whole_files import save_whole, write_whole

__all__ = [
    'SUFFIXES',
    'is_truncated',
    'list_images',
    'png_bit_depth',
    'save_whole',
    'write_json',
    'write_whole',
]
