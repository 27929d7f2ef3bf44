"""Files that are either whole or not there."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch


def write_whole(path: Path, data: bytes) -> None:
    """Puts a file in place in one step; its folder must exist."""
    with whole_file(path) as draft:
        draft.write_bytes(data)


def save_whole(path: Path, content: Any) -> None:
    """torch.save in one step, as :func:`write_whole`."""
    # By an open file: by name, torch would write the draft's name into the file.
    with whole_file(path) as draft, draft.open('wb') as file:
        torch.save(content, file)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A file beside ``path`` that takes its place unless writing fails.

    For contents that are written bit by bit; the folder must exist.
    """
    # The process id keeps two writers off each other; the suffix keeps a left-over
    # out of every listing of images.
    draft = path.with_name(f'{path.name}.{os.getpid()}.part')
    try:
        yield draft
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)
