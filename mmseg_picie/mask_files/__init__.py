"""Masks on disk: the formats in which predicted classes are written."""

from .class_table import ClassTable
from .formats import FORMATS, make_writers
from .mask import Mask, id_dtype, ignore_id
from .png_writer import PngWriter
from .writer import MaskWriter

__all__ = [
    'FORMATS',
    'ClassTable',
    'Mask',
    'MaskWriter',
    'PngWriter',
    'id_dtype',
    'ignore_id',
    'make_writers',
]
