"""Pages that are made from the code say what it says."""

import include_lines
import make_map


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
