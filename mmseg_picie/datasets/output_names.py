"""What the files that are written for images are called."""

import os.path as osp
from pathlib import Path
from typing import Any

from ..files import short_names
from .wrappers import leaves


def output_names(dataset: Any) -> dict[str, str]:
    """A name without suffix for every image of a data set, no two alike.

    It is the path below the image folder (below the folder that holds all image
    folders, where there are several), without suffix: ``a/0.jpg`` gives ``a/0``.
    Images that differ in their suffix only keep it: ``a/0.jpg`` and ``a/0.png``.

    Args:
        dataset: A data set or a wrapper with ``dataset`` or ``datasets``.

    Returns:
        Names by ``img_path``.
    """
    folders, paths = set(), set()
    for part in leaves(dataset):
        folder = (getattr(part, 'data_prefix', None) or {}).get('img_path')
        for index in range(len(part)):
            path = part.get_data_info(index)['img_path']
            inside = folder and not osp.relpath(path, folder).startswith('..')
            folders.add(osp.abspath(folder if inside else osp.dirname(path)))
            paths.add(path)
    root = osp.commonpath(folders)
    relative = {path: Path(osp.relpath(path, root)).as_posix() for path in paths}
    short = short_names(relative.values())
    return {path: short[name] for path, name in relative.items()}
