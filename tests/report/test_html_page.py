"""The page is one file in which data stays data."""

import base64
import hashlib
import json
import math
import re
from html.parser import HTMLParser

import pytest

from mmseg_picie.report.html_page import (
    PAGE,
    SCRIPTS,
    STYLES,
    embedded_json,
    render_page,
)

WICKED = (
    '</script><script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<!--<script>',
    ']]>&amp;\u2028"\'`${alert(1)}{{ 7 * 7 }}',
    'name \udcff of no encoding',
)


class Elements(HTMLParser):
    """Start tags, and the text of scripts by type."""

    def __init__(self):
        super().__init__()
        self.tags, self.scripts, self._kind = [], {}, None

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag == 'script':
            self._kind = dict(attributes).get('type', 'code')
            assert self._kind not in self.scripts
            self.scripts[self._kind] = ''

    def handle_endtag(self, tag):
        self._kind = None if tag == 'script' else self._kind

    def handle_data(self, data):
        if self._kind:
            self.scripts[self._kind] += data


def parsed(title, data):
    elements = Elements()
    elements.feed(render_page(title, data))
    elements.close()
    return elements


@pytest.mark.parametrize('text', WICKED)
def test_wicked_names_stay_text(text):
    plain, found = parsed('run', {'a': 'b'}), parsed(text, {text: [text]})
    assert [tag for tag, _ in found.tags] == [tag for tag, _ in plain.tags]
    assert found.scripts['code'] == plain.scripts['code']
    assert json.loads(found.scripts['application/json']) == {text: [text]}


@pytest.mark.parametrize('text', WICKED)
def test_embedded_json_is_the_same_value_without_markup(text):
    written = str(embedded_json(text))
    assert json.loads(written) == text
    assert not set('<>&') & set(written)


def test_numbers_that_are_no_json_are_refused():
    with pytest.raises(ValueError, match='JSON'):
        embedded_json(math.nan)


def test_nothing_is_loaded_and_only_the_own_script_may_run():
    page = parsed('run', {})
    links = [a for _, a in page.tags if {'src', 'srcset', 'action'} & set(a)]
    assert not links
    assert not [t for t, _ in page.tags if t in ('link', 'base', 'iframe', 'object')]
    assert all(a['href'].startswith('#') for t, a in page.tags if t == 'a')
    assert not re.findall(r'url\(|@import', ''.join(map(read, STYLES)))
    (policy,) = [a['content'] for _, a in page.tags if 'http-equiv' in a]
    digest = hashlib.sha256(page.scripts['code'].encode()).digest()
    assert f"script-src 'sha256-{base64.b64encode(digest).decode()}'" in policy
    assert "default-src 'none'" in policy


def read(name):
    return (PAGE / name).read_text()


def test_every_file_is_in_the_page_and_reads_no_markup():
    files = {path.name for path in PAGE.iterdir()}
    assert files == {'report.html', *STYLES, *SCRIPTS}
    for name in SCRIPTS:
        found = re.findall(
            r'innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|</',
            read(name),
        )
        assert not found, name
        assert not re.findall(r'https?://(?!www\.w3\.org/2000/svg)', read(name))
        assert len(read(name).splitlines()) <= 300
