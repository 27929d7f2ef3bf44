"""Files on disk: what is an image of a folder, whole (atomic) writes, JSON, texts."""

from .folder_lock import locked
from .id_png import encode_id_png
from .id_tiff import place_xml, write_id_tiff
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
from .output_files import path_below, short_names
from .raster import REMEDY as RASTER_REMEDY
from .raster import Place, Raster, open_raster
from .text_file import decode_text
from .whole_files import put_whole, save_whole, whole_file, write_whole

__all__ = [
    'IMAGE_SUFFIXES',
    'ImageHeader',
    'Place',
    'RASTER_REMEDY',
    'Raster',
    'decode_text',
    'encode_id_png',
    'image_header',
    'is_hidden',
    'is_image_name',
    'is_truncated',
    'left_out_sentences',
    'list_images',
    'locked',
    'open_raster',
    'path_below',
    'place_xml',
    'png_bit_depth',
    'put_whole',
    'save_whole',
    'short_names',
    'turn',
    'whole_file',
    'write_id_tiff',
    'write_json',
    'write_whole',
]
