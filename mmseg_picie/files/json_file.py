"""JSON files that are either whole or not there."""

import json
from pathlib import Path

from .whole_files import write_whole


def write_json(path: Path, content: dict) -> None:
    """Puts a file in place in one step; makes its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, (json.dumps(content, indent=2) + '\n').encode())
