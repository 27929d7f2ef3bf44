"""Writes the table of docs/map.md: the rooms of the package and what each is for.

    python docs/make_map.py

The sentences are the first ones of the packages' docstrings; say it better there.
"""

import ast
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / 'mmseg_picie'
MAP = ROOT / 'docs' / 'map.md'
# From the ground up: a room imports from those above it in the table.
ROOMS = (
    *('files', 'views', 'clustering', 'scores', 'refinement'),
    *('datasets', 'models'),
    *('checkpoints', 'engine', 'evaluation'),
    *('visualization', 'mask_files', 'inference', 'report'),
    'cli',
)
BEGIN, END = '<!-- rooms: written by docs/make_map.py -->', '<!-- end of rooms -->'


def first_sentence(package: Path) -> str:
    """What a package's docstring says first."""
    text = ast.get_docstring(ast.parse((package / '__init__.py').read_text()))
    return ' '.join(text.split('\n\n')[0].split())


def rows(room: Path, name: str) -> list[str]:
    """A table row for a room and one for each of its own packages."""
    found = [f'| `{name}` | {first_sentence(room)} |']
    for inside in sorted(room.glob('*/__init__.py')):
        found += rows(inside.parent, f'{name}/{inside.parent.name}')
    return found


def make_map() -> str:
    """The page as it stands, with its table made anew."""
    before, _, rest = MAP.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    table = [row for name in ROOMS for row in rows(PACKAGE / name, name)]
    lines = ['', '| room | what is in it |', '| --- | --- |', *table, '']
    return before + '\n'.join([BEGIN, *lines, END]) + after


if __name__ == '__main__':
    MAP.write_text(make_map())
