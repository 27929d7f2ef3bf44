"""Which files of a folder are images."""

import os
from pathlib import Path

SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.tif', '.tiff', '.webp')


def list_images(folder: Path) -> tuple[list[str], list[tuple[str, str]]]:
    """Images below a folder, and what was left out.

    Returns:
        Paths of the images relative to the folder, sorted; and (path, reason) of the
        files that look like images and are left out.
    """
    names = []
    for parent, _, files in os.walk(folder):
        for name in files:
            path = (Path(parent) / name).relative_to(folder)
            if path.suffix.lower() in SUFFIXES:
                names.append(path.as_posix())
    return sorted(names), []
