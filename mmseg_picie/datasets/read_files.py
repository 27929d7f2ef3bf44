"""Reading files by mmengine's backends."""

import mmcv
import mmengine.fileio as fileio


def read_list(path: str, backend_args: dict | None) -> list[str]:
    """The lines of a list that are not empty, without spaces around them.

    Raises:
        FileNotFoundError: If there is no such file.
    """
    if not fileio.isfile(path, backend_args=backend_args):
        raise FileNotFoundError(path)
    # Lists saved on Windows may begin with a byte order mark.
    text = fileio.get_text(path, encoding='utf-8-sig', backend_args=backend_args)
    return [line.strip() for line in text.splitlines() if line.strip()]


def decodes(path: str, flag: str, backend: str, backend_args: dict | None) -> bool:
    """Whether a file can be read and decoded."""
    try:
        content = fileio.get(path, backend_args=backend_args)
        return mmcv.imfrombytes(content, flag, backend=backend) is not None
    except Exception:  # whatever a decoder raises, the answer is no
        return False
