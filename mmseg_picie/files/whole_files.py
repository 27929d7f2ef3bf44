"""Files that are either whole or not there."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch


def write_whole(path: Path, data: bytes) -> None:
    """Puts a file in place in one step; its folder must exist."""
    with whole_file(path) as draft:
        draft.write_bytes(data)


def save_whole(path: Path, content: Any) -> None:
    """torch.save in one step, as :func:`write_whole`, also if the power fails."""
    # By an open file: by name, torch would write the draft's name into the file.
    with whole_file(path, put_whole) as draft, draft.open('wb') as file:
        torch.save(content, file)


def put_whole(draft: Path, path: Path) -> None:
    """Puts a finished draft in place of a file, once it is on the disk.

    Args:
        draft: In the folder of ``path``; gone afterwards.
        path: What others read, whole before and after.
    """
    _sync(draft)
    os.replace(draft, path)
    _sync(path.parent)


def _sync(path: Path) -> None:
    """Waits until the disk has a file, or the names in a folder."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def whole_file(
    path: Path, put: Callable[[Path, Path], None] | None = None
) -> Iterator[Path]:
    """A file beside ``path`` that takes its place unless writing fails.

    For contents that are written bit by bit; the folder must exist.

    Args:
        path: The file.
        put: What puts the draft in its place; by default ``os.replace``.
    """
    # The process id keeps two writers off each other; the suffix keeps a left-over
    # out of every listing of images.
    draft = path.with_name(f'{path.name}.{os.getpid()}.part')
    try:
        yield draft
        (put or os.replace)(draft, path)
    finally:
        draft.unlink(missing_ok=True)
