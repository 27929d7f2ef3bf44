"""What a run notes about its checkpoints, beside them."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ..files import put_whole, whole_file

RECORD = 'checkpoints.json'
LAST = 'last_checkpoint'


@dataclass
class RunRecord:
    """The file ``checkpoints.json`` of a folder of checkpoints.

    Attributes:
        written: Names of all checkpoints that the run wrote, whether they are still
            there or not. It removes no others.
        validated: Name of the checkpoint whose validation is over, '' for none; None
            where it is not known.
    """

    written: set[str] = field(default_factory=set)
    validated: str | None = ''

    @classmethod
    def read(cls, folder: Path) -> 'RunRecord':
        """The record of a folder; an empty one where there is none to be read."""
        try:
            content = json.loads((folder / RECORD).read_text(encoding='utf-8'))
        except (OSError, ValueError):  # none, or of an older version: nothing is ours
            content = {}
        if not isinstance(content, dict):  # version 0.1 had a list of names
            content = dict(written=content)
        names, validated = content.get('written'), content.get('validated')
        names = names if isinstance(names, list) else []
        return cls(
            {name for name in names if isinstance(name, str)},
            validated if isinstance(validated, str) else None,
        )

    def write(self, folder: Path) -> None:
        """Puts the file in place in one step; makes its folder."""
        folder.mkdir(parents=True, exist_ok=True)
        content = dict(asdict(self), written=sorted(self.written))
        _write(folder / RECORD, json.dumps(content, indent=2) + '\n')


def write_last(folder: Path, name: str) -> None:
    """Notes which checkpoint a run wrote last, in one step.

    Args:
        folder: Of the note, ``last_checkpoint``.
        name: Of the checkpoint, relative to this folder, so that both can be moved.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / LAST, name)


def _write(path: Path, text: str) -> None:
    with whole_file(path, put_whole) as draft:
        draft.write_text(text, encoding='utf-8')
