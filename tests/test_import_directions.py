"""Imports go down only: files, views, clustering, ... -> ... -> cli -> tools."""

import ast
from pathlib import Path

import make_map
import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / 'mmseg_picie'
FILES = sorted(PACKAGE.rglob('*.py'))
# A room imports from rooms that come before it, and from its own.
ORDER = make_map.ROOMS
PURE = ('files', 'views', 'clustering', 'scores', 'refinement')
# Below all rooms: what is broken in the platform, and what the user can mend.
FOUNDATION = {'compat', 'config_types', 'errors', 'safe_loading'}


def imported(file):
    """(module, name or None) of all imports of a file, as absolute names."""
    package = ['mmseg_picie', *file.relative_to(PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, None) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            module = '.'.join([*base, node.module] if node.module else base)
            yield from ((module, alias.name) for alias in node.names)


def room_of(module):
    parts = module.split('.')
    if len(parts) > 1 and parts[0] == 'mmseg_picie' and parts[1] not in FOUNDATION:
        return parts[1]
    return None


def is_package(module):
    return (ROOT / module.replace('.', '/') / '__init__.py').is_file()


def between_rooms():
    """(file, its room, imported module, name) of imports from another room."""
    for file in FILES:
        parts = file.relative_to(PACKAGE).parts
        if len(parts) == 1:
            continue
        for module, name in imported(file):
            if room_of(module) not in (None, parts[0]):
                yield file.relative_to(PACKAGE), parts[0], module, name


def test_every_room_has_its_place():
    assert {f.parent.name for f in PACKAGE.glob('*/__init__.py')} == set(ORDER)


@pytest.mark.parametrize('room', PURE)
def test_pure_rooms_import_no_openmmlab(room):
    files = [f for f in FILES if f.relative_to(PACKAGE).parts[0] == room]
    assert files
    for file in files:
        tops = {module.split('.')[0] for module, _ in imported(file)}
        found = {top for top in tops if top.startswith('mm')} - {'mmseg_picie'}
        assert not found, f'{file} imports {found}'


def test_rooms_import_downwards_only():
    found = list(between_rooms())
    assert len(found) > 100
    wrong = [
        f'{file} imports {module}'
        for file, room, module, _ in found
        if ORDER.index(room_of(module)) > ORDER.index(room)
    ]
    assert not wrong


def test_rooms_talk_through_their_packages():
    wrong = [
        f'{file} imports {name} from {module}'
        for file, _, module, name in between_rooms()
        if not is_package(module) or name.startswith('_')
    ]
    assert not wrong


def test_what_all_rooms_stand_on_imports_no_room():
    for name in FOUNDATION:
        rooms = {room_of(module) for module, _ in imported(PACKAGE / f'{name}.py')}
        assert rooms <= {None}


def test_package_imports_compat_before_the_rooms():
    tree = ast.parse((PACKAGE / '__init__.py').read_text())
    order = [
        a.name for n in tree.body if isinstance(n, ast.ImportFrom) for a in n.names
    ]
    assert order[0] == 'compat'


def test_a_relative_import_is_resolved():
    file = PACKAGE / 'engine' / 'hooks' / 'manifest_hook.py'
    assert ('mmseg.registry', 'HOOKS') in imported(file)
    package = PACKAGE / 'engine' / '__init__.py'
    assert ('mmseg_picie.engine.hooks', 'RoundHook') in imported(package)
