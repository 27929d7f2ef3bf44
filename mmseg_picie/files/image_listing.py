"""What is an image of a folder, and what is left out of it."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.tif', '.tiff', '.webp')
# Folders that systems and viewers put beside images: copies, thumbnails, waste.
SYSTEM_FOLDERS = ('__MACOSX', '@eaDir', '$RECYCLE.BIN')


def is_image_name(name: str) -> bool:
    """Whether a file name ends like one of an image, in any case."""
    return name.lower().endswith(IMAGE_SUFFIXES)


def is_hidden(name: str) -> bool:
    """Whether a part of a relative path is hidden or a system's own.

    Examples:
        >>> is_hidden('a/.ipynb_checkpoints/b.jpg'), is_hidden('__MACOSX/b.jpg')
        (True, True)
        >>> is_hidden('a/._b.jpg'), is_hidden('a/b.jpg'), is_hidden('../a/./b.jpg')
        (True, False, False)
    """
    return any(map(_is_hidden_part, name.replace(os.sep, '/').split('/')))


def list_images(
    folder: str | Path,
    leave_out_hidden: bool = True,
    is_image: Callable[[str], bool] = is_image_name,
) -> tuple[list[str], list[tuple[str, str]]]:
    """Images of a folder and its subfolders, and what was left out.

    Links are followed. A link back to a folder that holds it would never end, and is
    left out.

    Args:
        folder: Folder on a local disk.
        leave_out_hidden: Whether paths with a part that begins with a dot, and the
            folders of systems (``__MACOSX``), are no data.
        is_image: Tells the images from other files by their names.

    Returns:
        Paths of the images relative to the folder, sorted, and (path, reason) of what
        was left out: hidden images and folders, links that lead back or nowhere,
        folders that cannot be read. Other files are not mentioned.

    Raises:
        OSError: If the folder itself cannot be read.
    """
    names: list[str] = []
    left_out: list[tuple[str, str]] = []
    root = os.fspath(folder)
    os.scandir(root).close()
    for name, reason in _walk(root, '', (), leave_out_hidden, is_image):
        if reason is None:
            names.append(name)
        else:
            left_out.append((name, reason))
    return sorted(names), sorted(left_out)


def _walk(
    root: str,
    inside: str,
    above: tuple[str, ...],
    leave_out_hidden: bool,
    is_image: Callable[[str], bool],
) -> Iterator[tuple[str, str | None]]:
    """(path, None) of images and (path, reason) of what is left out."""
    path = os.path.join(root, inside)
    above = (*above, os.path.realpath(path))
    try:
        entries = sorted(os.scandir(path), key=lambda entry: entry.name)
    except OSError as error:
        yield inside, f'cannot be read ({error.strerror})'
        return
    for entry in entries:
        name = os.path.join(inside, entry.name)
        kind, problem = _look_at(entry, above)
        if kind != 'folder' and not is_image(entry.name):
            continue
        if leave_out_hidden and _is_hidden_part(entry.name):
            yield name, _why_hidden(entry.name)
        elif problem is not None:
            yield name, problem
        elif kind == 'folder':
            yield from _walk(root, name, above, leave_out_hidden, is_image)
        else:
            yield name, None


def _look_at(entry: os.DirEntry, above: tuple[str, ...]) -> tuple[str, str | None]:
    """'folder' or 'file', and what is wrong with it, None for nothing."""
    try:
        is_folder = entry.is_dir()
        found = is_folder or os.path.exists(entry.path)
    except OSError as error:  # a link to itself
        return 'folder', f'cannot be followed ({error.strerror})'
    if not entry.is_symlink():
        return ('folder' if is_folder else 'file'), None
    target = os.readlink(entry.path)
    if not found:
        return 'file', f'is a link to {target}, which does not exist'
    real = os.path.realpath(entry.path)
    # A link to a folder on the way here, or to one that holds the whole of it.
    if is_folder and any(_holds(real, folder) for folder in above):
        return 'folder', f'is a link back to {target}, a folder that holds it'
    return ('folder' if is_folder else 'file'), None


def _holds(folder: str, path: str) -> bool:
    return os.path.commonpath((folder, path)) == folder


def _is_hidden_part(part: str) -> bool:
    return (part.startswith('.') and part not in ('.', '..')) or part in SYSTEM_FOLDERS


def _why_hidden(part: str) -> str:
    if part in SYSTEM_FOLDERS:
        return 'is a folder of the system'
    return 'is hidden: its name begins with a dot'
