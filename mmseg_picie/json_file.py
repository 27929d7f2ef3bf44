"""JSON files that are either whole or not there."""

import json
import os
from pathlib import Path


def write_json(path: Path, content: dict) -> None:
    """Writes a file under another name, then puts it in place; makes its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + '.part')
    part.write_text(json.dumps(content, indent=2) + '\n', encoding='utf-8')
    os.replace(part, path)
