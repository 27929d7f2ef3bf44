"""What is an image of a folder, and what is left out of it."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

IMAGE_SUFFIXES = ('.jpg', '.jpeg', '.png', '.bmp', '.tif', '.tiff', '.webp')
# Folders that systems and viewers put beside images: copies, thumbnails, waste.
SYSTEM_FOLDERS = ('__MACOSX', '@eaDir', '$RECYCLE.BIN')

NAMED = 5  # paths that are said one by one


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


def left_out_sentences(
    folder: str | Path, left_out: Sequence[tuple[str, str]]
) -> list[str]:
    """What :func:`list_images` left out, in a few sentences.

    Args:
        folder: The folder that was listed.
        left_out: (path, reason) as returned.

    Returns:
        A sentence for each of the first, and one that counts the others.
    """
    said = [
        f'{os.path.join(folder, name)} is left out: it {reason}'
        for name, reason in left_out[:NAMED]
    ]
    more = len(left_out) - NAMED
    return said + ([f'and {more} more of {folder} are left out'] if more > 0 else [])


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
    if not entry.is_symlink():
        return ('folder' if entry.is_dir() else 'file'), None
    try:
        kind = 'folder' if entry.is_dir() else 'file'
    except OSError as error:  # a link to itself
        return 'folder', f'cannot be followed ({error.strerror})'
    target = os.readlink(entry.path)
    if not os.path.exists(entry.path):
        return kind, f'is a link to {target}, which does not exist'
    # A link to a folder on the way here, or to one that holds the whole of it.
    real = os.path.realpath(entry.path)
    if kind == 'folder' and any(_holds(real, folder) for folder in above):
        return kind, f'is a link back to {target}, a folder that holds it'
    return kind, None


def _holds(folder: str, path: str) -> bool:
    return os.path.commonpath((folder, path)) == folder


def _is_hidden_part(part: str) -> bool:
    return (part.startswith('.') and part not in ('.', '..')) or part in SYSTEM_FOLDERS


def _why_hidden(part: str) -> str:
    if part in SYSTEM_FOLDERS:
        return 'is a folder of the system'
    return 'is hidden: its name begins with a dot'
