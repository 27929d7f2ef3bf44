"""Texts by whatever editor."""

import codecs

import pytest

from mmseg_picie.errors import InputError
from mmseg_picie.files import decode_text

TEXT = 'a\ngrün\n照片\n'
MARKS = {
    'utf-16-le': codecs.BOM_UTF16_LE,
    'utf-16-be': codecs.BOM_UTF16_BE,
    'utf-32-le': codecs.BOM_UTF32_LE,
    'utf-32-be': codecs.BOM_UTF32_BE,
    'utf-8': codecs.BOM_UTF8,
}


@pytest.mark.parametrize('encoding', MARKS)
def test_a_byte_order_mark_tells_the_encoding(encoding):
    data = MARKS[encoding] + TEXT.encode(encoding)
    assert decode_text(data, 'list.txt') == TEXT


def test_without_a_mark_a_text_is_utf8():
    assert decode_text(TEXT.encode(), 'list.txt') == TEXT
    assert decode_text(b'', 'list.txt') == ''


@pytest.mark.parametrize('encoding', ['cp1252', 'latin-1'])
def test_another_code_page_is_named_with_its_line(encoding):
    message = r'a/list\.txt is no UTF-8 text \(byte 0xfc in line 2\); save it as UTF-8'
    with pytest.raises(InputError, match=message):
        decode_text('a\ngrün\n'.encode(encoding), 'a/list.txt')


def test_utf16_without_a_mark_is_named():
    with pytest.raises(InputError, match=r'list\.txt is no text .*save it as UTF-8'):
        decode_text('a\nb\n'.encode('utf-16-le'), 'list.txt')


def test_half_a_character_is_named():
    with pytest.raises(InputError, match=r'list\.txt is no UTF-8 text'):
        decode_text(codecs.BOM_UTF16_LE + b'abc', 'list.txt')
