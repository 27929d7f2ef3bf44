"""Which images a data set has, in one number."""

import hashlib
import os
from collections.abc import Iterator
from typing import Any
from weakref import WeakKeyDictionary

from ...datasets import leaves

_known: WeakKeyDictionary = WeakKeyDictionary()


def images_sha256(dataset: Any) -> str:
    """SHA-256 of the image paths of a data set, or of those in a wrapper, in order.

    Paths are relative to the root, so that it is the same on another machine. It is
    computed once for each data set.

    Returns:
        64 hex digits, over one path a line; parts of a wrapper are apart by an empty
        line.
    """
    if dataset not in _known:
        digest = hashlib.sha256()
        for number, leaf in enumerate(leaves(dataset)):
            digest.update(b'\n\n' if number else b'')
            paths = relative_paths(leaf, getattr(leaf, 'data_root', None))
            for index, path in enumerate(paths):
                line = path if index == 0 else f'\n{path}'
                digest.update(line.encode(errors='surrogateescape'))
        _known[dataset] = digest.hexdigest()
    return _known[dataset]


def relative_paths(dataset: Any, root: str | None) -> Iterator[str]:
    """Image paths in order, relative to the root where they lie below it."""
    for index in range(len(dataset)):
        path = str(dataset.get_data_info(index)['img_path'])
        if root:
            relative = os.path.relpath(path, root)
            path = path if relative.startswith('..') else relative
        yield path.replace(os.sep, '/')
