"""A folder that one process at a time works in."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..errors import InputError


@contextmanager
def locked(path: Path, message: str) -> Iterator[None]:
    """Holds a lock while the body runs; makes the file and its folder.

    The system frees the lock of a process that ends in whatever way, so that nothing is
    left to tidy up. Its children do not hold it.

    Args:
        path: File that stands for what is locked; it stays, empty.
        message: What to say to a second process.

    Raises:
        InputError: If another process holds the lock.
    """
    import fcntl  # what Windows does not have

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open('a') as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError) as error:
            raise InputError(message) from error
        yield
