"""Text files that people write, by whatever editor."""

import codecs

from ..errors import InputError

# UTF-32's mark begins with UTF-16's, so it is asked for first.
MARKS = (
    (codecs.BOM_UTF8, 'utf-8-sig'),
    (codecs.BOM_UTF32_LE, 'utf-32'),
    (codecs.BOM_UTF32_BE, 'utf-32'),
    (codecs.BOM_UTF16_LE, 'utf-16'),
    (codecs.BOM_UTF16_BE, 'utf-16'),
)


def decode_text(data: bytes, path: str) -> str:
    """Text of a file: UTF-8, or what its byte order mark says.

    Args:
        data: What the file holds.
        path: Its name, for the message.

    Raises:
        InputError: If it is in another code page.
    """
    encoding = next((name for mark, name in MARKS if data.startswith(mark)), 'utf-8')
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.count(b'\n', 0, error.start) + 1
        raise InputError(
            f'{path} is no UTF-8 text (byte {data[error.start]:#04x} in line {line}); '
            'save it as UTF-8'
        ) from error
    if '\0' in text:
        line = text.count('\n', 0, text.index('\0')) + 1
        raise InputError(f'{path} is no text (byte 0 in line {line}); save it as UTF-8')
    return text
