"""Pages that are made from the code say what it says."""

import re

import include_lines
import make_map
import pytest


def test_map_is_as_the_packages_say():
    assert make_map.MAP.read_text() == make_map.make_map(), (
        'run: python docs/make_map.py'
    )


def test_every_package_is_on_the_map():
    packages = make_map.PACKAGE.rglob('*/__init__.py')
    names = {str(p.parent.relative_to(make_map.PACKAGE)) for p in packages}
    table = make_map.make_map()
    assert len(names) > 15
    assert [name for name in names if f'| `{name}` |' not in table] == []


def test_lines_of_the_method_page_are_those_of_the_test():
    page = include_lines.PAGE.read_text()
    assert page == include_lines.make_page(), 'run: python docs/include_lines.py'
    for text in (
        'class MirrorSegmentor(RoundSegmentor)',
        'TOY = dict(',
        'def forward(',
    ):
        assert text in page


ROOT = make_map.PACKAGE.parent
PAGES = sorted([ROOT / 'README.md', *(ROOT / 'docs').glob('*.md')])
FILE = re.compile(r'\b(?:mmseg_picie|tools|tests|configs|docs)/[\w./]+\.(?:py|sh|md)\b')
CONFIG = re.compile(r'(?<![\w/])(?:picieh?|mdc|fpn|kmeans)_\w+\.py\b')
# What add_a_method.md would add to the package.
EXAMPLES = {
    'mmseg_picie/models/segmentors/mirror_segmentor.py',
    'mmseg_picie/models/losses/centroid_distance_loss.py',
}


def files_named_in(page):
    """Paths, and names of configs, in a page."""
    text = page.read_text()
    if page.name == 'renamed.md':  # old name | new name
        rows = [line.split('|') for line in text.splitlines() if line.startswith('|')]
        text = '\n'.join(row[2] for row in rows)
    return set(FILE.findall(text)) - EXAMPLES, set(CONFIG.findall(text))


@pytest.mark.parametrize('page', PAGES, ids=lambda page: page.name)
def test_files_that_a_page_names_exist(page):
    files, configs = files_named_in(page)
    known = {path.name for path in (ROOT / 'configs').rglob('*.py')}
    assert [name for name in files if not (ROOT / name).is_file()] == []
    assert sorted(configs - known) == []


def test_pages_name_files():
    named = [files_named_in(page) for page in PAGES]
    assert sum(len(files) for files, _ in named) > 50
    assert sum(len(configs) for _, configs in named) > 5
