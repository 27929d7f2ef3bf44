"""Writes lines of the tests into docs/add_a_method.md, so that they are never copied.

    python docs/include_lines.py

Between `<!-- lines: FILE NAME -->` and `<!-- end of lines -->` stands what FILE defines
as NAME: a class, a function or a variable.
"""

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / 'docs' / 'add_a_method.md'
BLOCK = re.compile(
    r'(<!-- lines: (\S+) (\S+) -->\n).*?(<!-- end of lines -->)', re.DOTALL
)


def source(file: str, name: str) -> str:
    """The lines that define a name at the top of a file, with its decorators."""
    text = (ROOT / file).read_text()
    for node in ast.parse(text).body:
        targets = getattr(node, 'targets', [])
        names = [
            getattr(node, 'name', None),
            *(getattr(t, 'id', None) for t in targets),
        ]
        if name in names:
            decorators = [d.lineno for d in getattr(node, 'decorator_list', [])]
            first = min([node.lineno, *decorators])
            return '\n'.join(text.splitlines()[first - 1 : node.end_lineno])
    raise ValueError(f'{file} defines no {name}')


def make_page() -> str:
    """The page as it stands, with its lines put in anew."""
    return BLOCK.sub(
        lambda m: f'{m[1]}\n```python\n{source(m[2], m[3])}\n```\n\n{m[4]}',
        PAGE.read_text(),
    )


if __name__ == '__main__':
    PAGE.write_text(make_page())
