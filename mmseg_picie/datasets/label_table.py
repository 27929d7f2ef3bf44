"""What the ids or colors of label files mean, as a person says it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..errors import InputError
from .label_maps import IGNORE

Color = tuple[int, int, int]
# Names of rows that are no class: nothing is said where they stand.
NO_CLASS = ('', 'null', '~', 'ignore', '__ignore__')
TOP_ID = 65535


class TableRow(NamedTuple):
    """One id or color of a table.

    Attributes:
        name: Of its class; None where it is no class.
        id: Its id, None where the table has none.
        color: Its RGB, None where the table has none.
    """

    name: str | None
    id: int | None = None
    color: Color | None = None


@dataclass(frozen=True)
class LabelTable:
    """What ids and colors mean.

    Attributes:
        rows: In the order of the file; two with one name are one class.
        source: What the table comes from, for messages.
        numbered: Whether its ids are written; else they are places in a list.

    Raises:
        InputError: If there are no classes or too many, an id or color comes twice, or
            some rows lack what others have.
    """

    rows: tuple[TableRow, ...]
    source: str
    numbered: bool = True

    def __post_init__(self) -> None:
        if not 1 <= len(self.classes) < IGNORE:
            raise InputError(
                f'{self.source} names {len(self.classes)} classes, expected 1 to '
                f'{IGNORE - 1}'
            )
        for what in ('id', 'color'):
            values = [getattr(row, what) for row in self.rows]
            given = [value for value in values if value is not None]
            twice = [value for value in given if given.count(value) > 1]
            if twice:
                raise InputError(f'{self.source} has {what} {twice[0]} more than once')
            if given and None in values:
                raise InputError(
                    f'{self.source} has no {what} for '
                    f'{self.rows[values.index(None)].name!r}, but for others'
                )

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes, in the order of their first rows."""
        return tuple(dict.fromkeys(r.name for r in self.rows if r.name is not None))

    @property
    def colors(self) -> tuple[Color | None, ...]:
        """The first color of each class, None where it has none."""
        found: dict[str | None, Color] = {}
        for row in self.rows:
            if row.color is not None:
                found.setdefault(row.name, row.color)
        return tuple(map(found.get, self.classes))

    def classes_by_id(self) -> dict[int, int]:
        """Class of each id, 255 where it is no class; empty without ids."""
        return {r.id: self._class(r) for r in self.rows if r.id is not None}

    def classes_by_color(self) -> dict[Color, int]:
        """Class of each color, 255 where it is no class; empty without colors."""
        return {r.color: self._class(r) for r in self.rows if r.color is not None}

    def _class(self, row: TableRow) -> int:
        return IGNORE if row.name is None else self.classes.index(row.name)


def table_of_names(classes: Sequence[str], source: str = 'classes') -> LabelTable:
    """A table of class names alone: their ids are their places.

    Raises:
        InputError: If there are none or too many, or a name comes twice.
    """
    names = [str(name) for name in classes]
    if isinstance(classes, str) or len(set(names)) < len(names):
        raise InputError(f'{source} must be a list of different names, got {classes}')
    rows = tuple(TableRow(name, number) for number, name in enumerate(names))
    return LabelTable(rows, source, numbered=False)


def table_row(name: Any, number: Any = None, color: Any = None) -> TableRow:
    """A row with its values checked.

    Args:
        name: Of the class; nothing, ``null`` or ``ignore`` where it is none.
        number: Id, 0-65535, or None.
        color: [r, g, b], '#rrggbb' or None.

    Raises:
        ValueError: If the id or the color cannot be one.
    """
    if number is not None and (type(number) is not int or not 0 <= number <= TOP_ID):
        raise ValueError(f'id of {name!r} must be 0-{TOP_ID}, got {number!r}')
    text = '' if name is None else str(name).strip()
    text = None if text.lower() in NO_CLASS else text
    return TableRow(text, number, None if color is None else _color(name, color))


def _color(name: Any, color: Any) -> Color:
    values = ()
    if isinstance(color, str) and len(color) == 7 and color.startswith('#'):
        values = tuple(bytes.fromhex(color[1:]))
    elif isinstance(color, (list, tuple)):
        values = tuple(color)
    if len(values) == 3 and all(type(v) is int and 0 <= v <= 255 for v in values):
        return values
    raise ValueError(f"color of {name!r} must be [r, g, b] or '#rrggbb', got {color!r}")
