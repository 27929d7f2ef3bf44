"""The site of docs/: every page is in it, links lead somewhere, options are current."""

import re

import make_config_reference
import pytest
import site_links
import yaml
from page_blocks import PAGES, ROOT

DOCS = ROOT / 'docs'
LINK = re.compile(r'\]\(([^)#\s]+)(?:#[\w-]+)?\)')


def pages_of(entries) -> list[str]:
    """Files of a nav, in order."""
    if isinstance(entries, str):
        return [entries]
    values = entries.values() if isinstance(entries, dict) else entries
    return [name for value in values for name in pages_of(value)]


def test_nav_has_every_page_once():
    settings = yaml.safe_load((ROOT / 'mkdocs.yml').read_text())
    there = [str(page.relative_to(DOCS)) for page in DOCS.rglob('*.md')]
    assert sorted(pages_of(settings['nav'])) == sorted(there)
    assert settings['theme']['font'] is False  # nothing is fetched


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_links_lead_to_files(page):
    links = LINK.findall(page.read_text())
    local = [link for link in links if '://' not in link]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_links_out_of_docs_become_text():
    text = 'see [README](../README.md), [c](../../configs/a.py#x) and [map](map.md)'
    assert site_links.on_page_markdown(text) == 'see README, c and [map](map.md)'


def test_options_are_those_of_the_docstrings():
    page = make_config_reference.PAGE.read_text()
    assert page == make_config_reference.make_page(), (
        'run: python docs/make_config_reference.py'
    )


def test_options_of_a_class_are_its_arguments():
    lines = make_config_reference.describe('Toy', Toy)
    assert lines == [
        '### Toy',
        '',
        'Does `nothing`, as `Real`.',
        '',
        '| option | default | what it does |',
        '| --- | --- | --- |',
        '| `size` | required | Of what, in two lines. |',
        "| `kind` | `'a'` | One of 'a'\\|'b'. |",
        '| `kwargs` |  | The rest. |',
        '',
    ]


class Toy:
    """Does ``nothing``, as :class:`~some.Real`.

    Args:
        size: Of what,
            in two lines.
        kind: One of 'a'|'b'.
        **kwargs: The rest.

    Raises:
        ValueError: Never.
    """

    def __init__(self, size: int, kind: str = 'a', **kwargs) -> None:
        pass


def test_the_site_builds(tmp_path):
    build = pytest.importorskip('mkdocs.commands.build')
    pytest.importorskip('material')
    from mkdocs.config import load_config
    from mkdocs.exceptions import Abort

    config = load_config(str(ROOT / 'mkdocs.yml'), site_dir=str(tmp_path / 'site'))
    try:
        build.build(config)
    except Abort as error:
        pytest.fail(f'a broken link or page: {error}; run make docs')
    assert (tmp_path / 'site/tutorials/cells.html').is_file()
