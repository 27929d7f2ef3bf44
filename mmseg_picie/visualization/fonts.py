"""Text in pictures: a font with accents, and text that fits."""

from functools import cache
from importlib.util import find_spec
from pathlib import Path

from PIL import ImageFont

# mmengine needs matplotlib, which brings Latin, Greek and Cyrillic letters.
FONT_FILE = 'mpl-data/fonts/ttf/DejaVuSans.ttf'


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """The font of all pictures.

    Args:
        size: Height of a line without its gap, px.
    """
    return ImageFont.truetype(
        Path(find_spec('matplotlib').origin).parent / FONT_FILE, size
    )


def text_width(text: str, size: int) -> int:
    """Width of a text, px."""
    return round(font(size).getlength(text))


def fit_text(text: str, size: int, width: int) -> str:
    """The text, or as much of its beginning as fits, with an ellipsis.

    Args:
        text: One line; line breaks and tabs become spaces.
        size: As for :func:`font`.
        width: px.
    """
    text = ' '.join(text.split())
    if text_width(text, size) <= width:
        return text
    while text and text_width(f'{text}…', size) > width:
        text = text[:-1]
    return f'{text.rstrip()}…'
