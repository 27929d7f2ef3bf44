"""Names of the files that are written for images."""

import os.path as osp
from pathlib import Path
from typing import Any

from ..files import short_names
from .wrappers import leaves


def output_names(dataset: Any) -> dict[str, str]:
    """A name for every image of a data set, no two alike.

    A name is the path below the image folder, without suffix: ``a/0.jpg`` gives
    ``a/0``. Where there are several image folders, it is the path below the folder that
    holds them all. Images that differ only in their suffix keep it.

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
