"""Reads tables of classes, in the forms that people have them."""

import re
from pathlib import Path
from typing import Any

import yaml

from ..errors import InputError, MissingFileError
from ..files import decode_text
from .label_table import LabelTable, TableRow, table_row

FORMS = (
    "'name, id' or 'name, r, g, b' a line, CVAT's labelmap.txt (name:r,g,b::), one "
    'name a line (ids from 0), or YAML or JSON: a list of names, name: id, '
    'name: [r, g, b], or classes: [...] and palette: [...]'
)
CVAT_ROW = re.compile(r'(.+?):(\d+),(\d+),(\d+):[^:]*:[^:]*')
HEX = re.compile(r'#[0-9a-fA-F]{6}')
NUMBERS = re.compile(r'\d+(\s+\d+)*')
HEADER = re.compile(
    r'(class|label|category)?[ _]?(name|id|index|value|color|colour|hex)?'
    r'|r|g|b|red|green|blue',
    re.IGNORECASE,
)


def read_label_table(path: str | Path) -> LabelTable:
    """Reads a table of classes.

    Args:
        path: YAML or JSON by its ending, else lines: ``name, id``, ``name, r, g, b``,
            ``name, id, r, g, b`` (or the name last; commas, semicolons or tabs; a line
            of headings may be first), CVAT's ``name:r,g,b::``, or names alone.
            YAML: a list of names, a mapping of names to ids or colors or of ids to
            names, a list of ``{name, id, color}``, or any of these under ``classes``
            with colors under ``palette``.

    Raises:
        MissingFileError: If there is no such file.
        InputError: If it has none of the forms, or an id or color comes twice.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingFileError(f'label table {path} does not exist; write one: {FORMS}')
    text = decode_text(path.read_bytes(), str(path))
    try:
        if path.suffix.lower() in ('.yaml', '.yml', '.json'):
            rows = _parse(yaml.safe_load(text))
        else:
            rows = _parse_lines(text)
    except (yaml.YAMLError, ValueError) as error:
        reason = ' '.join(str(error).split())
        raise InputError(
            f'label table {path} is not understood: {reason}; write {FORMS}'
        ) from error
    source = f'label table {path}'
    if all(row.id is None and row.color is None for row in rows):
        return _places(rows, source)
    return LabelTable(tuple(rows), source)


def _places(rows: list[TableRow], source: str) -> LabelTable:
    """Names alone: ids are places."""
    # labelme's list begins with what is no class; its ids begin after it.
    first = -1 if rows and rows[0].name is None else 0
    placed = [row._replace(id=i) for i, row in enumerate(rows, first) if i >= 0]
    return LabelTable(tuple(placed), source, numbered=False)


def _parse_lines(text: str) -> list[TableRow]:
    rows: list[TableRow] = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if not line or (line.startswith('#') and not HEX.match(line)):
            continue
        if not rows and _is_header(line):
            continue
        try:
            rows.append(_parse_line(line))
        except ValueError as error:
            raise ValueError(f'line {number}: {error}') from error
    return rows


def _fields(line: str) -> list[str]:
    return [field.strip(' "\'') for field in re.split(r'[,;\t]', line)]


def _is_header(line: str) -> bool:
    fields = _fields(line)
    return len(fields) > 1 and all(map(HEADER.fullmatch, fields))


def _parse_line(line: str) -> TableRow:
    cvat = CVAT_ROW.fullmatch(line)
    if cvat:
        return table_row(cvat[1], None, [int(part) for part in cvat.groups()[1:]])
    names: list[str] = []
    numbers: list[int] = []
    colors: list[str] = []
    for field in _fields(line):
        if HEX.fullmatch(field):
            colors.append(field)
        elif NUMBERS.fullmatch(field):
            numbers.extend(map(int, field.split()))
        else:
            names.append(field)
    if len(numbers) >= 3:
        colors.append(numbers[-3:])
        del numbers[-3:]
    if len(names) != 1 or len(numbers) > 1 or len(colors) > 1:
        raise ValueError(f'{line!r} is not one name with an id or a color')
    return table_row(names[0], *(numbers or [None]), *(colors or [None]))


def _parse(content: Any) -> list[TableRow]:
    """Rows of what YAML holds.

    Raises:
        ValueError: If it has none of the forms.
    """
    if isinstance(content, dict) and isinstance(content.get('classes'), (list, dict)):
        return _with_palette(_parse(content['classes']), content.get('palette'))
    if isinstance(content, list):
        return [_parse_item(item) for item in content]
    if not isinstance(content, dict):
        raise ValueError(f'expected a list or a mapping, got {content!r}')
    rows = []
    for key, value in content.items():
        if type(key) is int and (value is None or isinstance(value, str)):
            rows.append(table_row(value, key))
        elif type(value) is int:
            rows.append(table_row(key, value))
        else:
            rows.append(table_row(key, None, value))
    return rows


def _with_palette(rows: list[TableRow], palette: Any) -> list[TableRow]:
    if palette is None:
        return rows
    if not isinstance(palette, list) or len(palette) != len(rows):
        raise ValueError(f'palette must have {len(rows)} colors, got {palette!r}')
    numbered = [row.id is not None for row in rows]
    return [
        table_row(row.name, row.id if numbered[place] else place, color)
        for place, (row, color) in enumerate(zip(rows, palette))
    ]


def _parse_item(item: Any) -> TableRow:
    """An item of a list: a name, or a mapping with name, id and color."""
    if not isinstance(item, dict):
        return table_row(item)
    if not set(item) <= {'name', 'id', 'color'} or not {'id', 'color'} & set(item):
        raise ValueError(f'expected name with id or color, got {item}')
    return table_row(item.get('name'), item.get('id'), item.get('color'))
