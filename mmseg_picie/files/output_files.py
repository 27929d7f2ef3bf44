"""Where the files that are made from an image go: no two alike, none outside."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path, PurePosixPath, PureWindowsPath

from ..errors import InputError


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Names without suffix, no two alike, also where letter case does not count.

    Names that differ in their suffix only keep it. Where that would make two names
    alike again (``0.jpg`` beside ``0.png`` and ``0.jpg.png``), all keep theirs.

    Args:
        names: Different relative paths in POSIX form.

    Returns:
        Short name of each.

    Examples:
        >>> short_names(['a/0.jpg', 'b/0.jpg', 'b/0.png'])
        {'a/0.jpg': 'a/0', 'b/0.jpg': 'b/0.jpg', 'b/0.png': 'b/0.png'}
    """
    stems = {name: str(PurePosixPath(name).with_suffix('')) for name in names}
    count = Counter(stem.casefold() for stem in stems.values())
    short = {
        name: stem if count[stem.casefold()] == 1 else name
        for name, stem in stems.items()
    }
    different = len({name.casefold() for name in short.values()})
    return short if different == len(short) else {name: name for name in short}


def path_below(folder: Path, name: str) -> Path:
    """``folder / name``, for a name that stays below the folder on every system.

    Args:
        folder: Any folder.
        name: Relative path in POSIX form.

    Raises:
        InputError: If the name is empty or absolute, or has a drive or a ``..`` part.
    """
    windows = PureWindowsPath(name)
    parts = (*PurePosixPath(name).parts, *windows.parts)
    outside = '..' in parts or windows.anchor or PurePosixPath(name).is_absolute()
    if outside or not parts or '\0' in name:
        raise InputError(
            f'the image name {name!r} leads out of the output folder; give a relative '
            'path without ".."'
        )
    return Path(folder, name)
