"""The names file: what a person calls clusters, as YAML."""

import difflib
from pathlib import Path
from typing import Any, NoReturn

import yaml
from yaml import MappingNode, Node, ScalarNode, SequenceNode

from ..errors import InputError, MissingFileError
from ..files import write_whole
from .names import ClusterName, Names

LARGEST = 2**20  # bytes; a hundred clusters take some 6000
NEEDED_KEYS = ('clusters', 'checkpoint')
FILE_KEYS = (*NEEDED_KEYS, 'split')
ENTRY_KEYS = ('id', 'name', 'color')
HEADER = (
    '# What the clusters of a checkpoint are called. Clusters of one name are merged;\n'
    '# name: null ignores a cluster; one without an entry keeps its anonymous name.\n'
)


def read_names(path: Path) -> Names:
    """Reads a names file.

    Nothing runs and nothing is guessed: a value that YAML does not read as it is
    written, such as ``name: on`` or ``color: #aa0000`` without quotes, is refused.

    Args:
        path: The file.

    Raises:
        MissingFileError: If it does not exist.
        InputError: If it is no names file; names the line and the remedy.

    Examples:
        >>> import tempfile
        >>> file = Path(tempfile.mkdtemp()) / 'names.yaml'
        >>> _ = file.write_text(f'''
        ... clusters:
        ... - id: 3
        ...   name: nucleus
        ...   color: '#aa0000'
        ... - id: 7
        ...   name: null
        ... checkpoint: {64 * 'a'}
        ... ''')
        >>> read_names(file).classes
        ('nucleus',)
    """
    reader = _Reader(path)
    try:
        return reader.names()
    except InputError:
        raise
    except yaml.YAMLError as error:
        mark = getattr(error, 'problem_mark', None)
        line = '' if mark is None else f', line {mark.line + 1}'
        problem = getattr(error, 'problem', None) or getattr(error, 'reason', error)
        raise InputError(
            f'{path}{line}: no YAML that a names file may hold ({problem}): look at '
            "indentation, and put names with special characters in quotes: 'a: b'"
        ) from error
    except RecursionError as error:
        raise InputError(f'{path}: nested too deep for a names file') from error


def write_names(path: Path, names: Names) -> None:
    """Writes a names file in one step; makes its folder."""
    clusters = []
    for entry in names.clusters:
        written: dict[str, Any] = dict(id=entry.id, name=entry.name)
        if entry.color is not None:
            written['color'] = entry.color
        clusters.append(written)
    content: dict[str, Any] = dict(clusters=clusters, checkpoint=names.checkpoint)
    if names.split:
        content['split'] = list(names.split)
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, (HEADER + text).encode())


class _Loader(yaml.SafeLoader):
    """A safe loader without references, whose expansion may have no end."""

    def compose_node(self, parent: Node | None, index: Any) -> Node | None:
        event = self.peek_event()
        if getattr(event, 'anchor', None) is not None:
            raise yaml.composer.ComposerError(
                None,
                None,
                'anchors (&) and references (*) are not read, write it out',
                event.start_mark,
            )
        return super().compose_node(parent, index)


class _Reader:
    """Walks the nodes of a file; knows the line of all it refuses."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.loader = _Loader(self._text())

    def names(self) -> Names:
        """The whole file."""
        root = self.loader.get_single_node()
        if root is None:
            raise InputError(f'{self.path} is empty: {_form()}')
        parts = self._mapping(root, 'the file', FILE_KEYS, required=NEEDED_KEYS)
        entries = [self._entry(node) for node in self._list(parts, 'clusters')]
        split = []
        if 'split' in parts:
            split = [self._id(node) for node in self._list(parts, 'split')]
        checkpoint = self._value(parts['checkpoint'], 'checkpoint')
        if not isinstance(checkpoint, str):
            self._fail(
                parts['checkpoint'],
                'checkpoint must be the SHA-256 of the weights, 64 hex digits, got '
                f'{checkpoint!r}',
            )
        try:
            return Names(tuple(entries), checkpoint.lower(), tuple(split))
        except InputError as error:
            raise InputError(f'{self.path}: {error}') from error

    def _text(self) -> str:
        if not self.path.is_file():
            raise MissingFileError(f'names file {self.path} does not exist: {_form()}')
        data = self.path.read_bytes()
        if len(data) > LARGEST:
            raise InputError(
                f'{self.path} has {len(data)} bytes, more than a names file needs '
                f'({LARGEST}): {_form()}'
            )
        try:
            text = data.decode('utf-8-sig')
            yaml.reader.Reader(text)  # refuses what cannot be printed
        except (UnicodeDecodeError, yaml.reader.ReaderError) as error:
            raise InputError(
                f'{self.path} is no text in UTF-8 ({error.reason}): save it as such'
            ) from error
        return text

    def _entry(self, node: Node) -> ClusterName:
        parts = self._mapping(node, 'a cluster', ENTRY_KEYS, required=('id', 'name'))
        number = self._id(parts['id'])
        name = self._text_value(parts['name'], 'name', 'cell wall')
        color = None
        if 'color' in parts:
            color = self._text_value(parts['color'], 'color', '#aa0000')
        return ClusterName(number, name, None if color is None else color.lower())

    def _list(self, parts: dict[str, Node], key: str) -> list[Node]:
        if not isinstance(parts[key], SequenceNode):
            self._fail(parts[key], f'{key} must be a list: {_form()}')
        return parts[key].value

    def _id(self, node: Node) -> int:
        number = self._value(node, 'id')
        # YAML reads 010 as 8 and 1:30 as 90.
        if type(number) is not int or str(number) != node.value or number < 0:
            self._fail(
                node, f'id must be a plain integer >= 0, got {_short(node.value)}'
            )
        return number

    def _text_value(self, node: Node, key: str, example: str) -> str | None:
        """Text or an explicit null."""
        value = self._value(node, key)
        if value is None and node.value == '':
            self._fail(
                node,
                f'{key} is left blank (# begins a comment): write it in quotes, '
                f"{key}: '{example}', or {key}: null for none",
            )
        if value is None or isinstance(value, str):
            return value
        self._fail(
            node,
            f'YAML reads {key}: {_short(node.value)} as {_kind(value)}: put it in '
            f"quotes, {key}: '{_short(node.value)}'",
        )

    def _value(self, node: Node, key: str) -> Any:
        if not isinstance(node, ScalarNode):
            self._fail(node, f'{key} must be one value, not a list or table')
        try:
            return self.loader.construct_object(node)
        except (ValueError, KeyError, AttributeError):  # of a tag or a date
            self._fail(
                node, f'{key}: {_short(node.value)} cannot be read: put it in quotes'
            )

    def _mapping(
        self, node: Node, what: str, allowed: tuple[str, ...], required: tuple[str, ...]
    ) -> dict[str, Node]:
        if not isinstance(node, MappingNode):
            self._fail(node, f'{what} must be a table: {_form()}')
        parts: dict[str, Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, ScalarNode) else 'a key'
            if name not in allowed:
                close = difflib.get_close_matches(name, allowed, 1, 0.5)
                hint = f', did you mean {close[0]}?' if close else ''
                self._fail(
                    key,
                    f'{what} has no key {_short(name)}{hint} Keys are: '
                    f'{", ".join(allowed)}',
                )
            if name in parts:
                self._fail(
                    key, f'{name} stands twice in {what}: is a "-" missing before it?'
                )
            parts[name] = value
        for name in required:
            if name not in parts:
                self._fail(node, f'{what} has no {name}: {_form()}')
        return parts

    def _fail(self, node: Node, text: str) -> NoReturn:
        raise InputError(f'{self.path}, line {node.start_mark.line + 1}: {text}')


def _form() -> str:
    return (
        "expected 'clusters:' with a list of {id: 3, name: nucleus, color: '#aa0000'} "
        "(color may be left out), and 'checkpoint:' with the SHA-256 of the weights; "
        "'split:' with a list of ids may follow"
    )


def _kind(value: Any) -> str:
    kinds = {bool: 'true or false', int: 'a number', float: 'a number'}
    return kinds.get(type(value), f'a {type(value).__name__}')


def _short(text: Any) -> str:
    text = str(text)
    return text if len(text) <= 40 else f'{text[:40]}...'
