"""Files that are either whole or not there."""

import os
from pathlib import Path


def write_whole(path: Path, data: bytes) -> None:
    """Puts a file in place in one step; its folder must exist."""
    # The process id keeps two writers off each other; the suffix keeps a left-over
    # out of every listing of images.
    draft = path.with_name(f'{path.name}.{os.getpid()}.part')
    try:
        draft.write_bytes(data)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
