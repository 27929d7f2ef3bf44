"""Imports go one way: views, clustering -> ... -> tools."""

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / 'mmseg_picie'
FILES = sorted(PACKAGE.rglob('*.py'))
# A room may import from rooms of a lower level, and from its own.
LEVELS = {
    'views': 0,
    'clustering': 0,
    'datasets': 1,
    'models': 1,
    'evaluation': 1,
    'engine': 2,
    'visualization': 2,
    'cli': 3,
}
PURE = ('views', 'clustering')


def imported_modules(file: Path) -> list[str]:
    """Absolute names of all modules that a file imports, at any depth."""
    package = ['mmseg_picie', *file.relative_to(PACKAGE).parts[:-1]]
    names = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = '.'.join([*base, node.module] if node.module else base)
            names += [module] + [f'{module}.{alias.name}' for alias in node.names]
    return names


def room_of(module: str) -> str | None:
    parts = module.split('.')
    if len(parts) > 1 and parts[0] == 'mmseg_picie' and parts[1] in LEVELS:
        return parts[1]
    return None


def test_every_room_has_a_level():
    rooms = {f.parent.name for f in PACKAGE.glob('*/__init__.py')}
    assert rooms == set(LEVELS)


@pytest.mark.parametrize('room', PURE)
def test_pure_rooms_import_no_openmmlab(room):
    files = [f for f in FILES if f.relative_to(PACKAGE).parts[0] == room]
    assert files
    for file in files:
        found = [m for m in imported_modules(file) if m.split('.')[0].startswith('mm')]
        own = [m for m in found if m.split('.')[0] == 'mmseg_picie']
        assert found == own, f'{file} imports {set(found) - set(own)}'


def test_rooms_import_downwards_only():
    wrong = []
    for file in FILES:
        room = file.relative_to(PACKAGE).parts[0]
        if room not in LEVELS:
            continue
        for other in filter(None, map(room_of, imported_modules(file))):
            if other != room and LEVELS[other] > LEVELS[room]:
                wrong.append(f'{file.relative_to(PACKAGE)} imports {other}')
    assert not wrong


def test_package_imports_compat_before_the_rooms():
    tree = ast.parse((PACKAGE / '__init__.py').read_text())
    order = [
        a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names
    ]
    assert order[0] == 'compat'


def test_a_relative_import_is_resolved(tmp_path):
    file = PACKAGE / 'engine' / 'hooks' / 'manifest_hook.py'
    names = imported_modules(file)
    assert 'mmseg.registry' in names
    package = PACKAGE / 'engine' / '__init__.py'
    assert 'mmseg_picie.engine.hooks' in imported_modules(package)
