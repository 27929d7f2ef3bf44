"""Reading files by mmengine's backends."""

import io
from collections.abc import Callable

import cv2
import mmcv
import mmengine.fileio as fileio
from PIL import Image

from ..files import decode_text, is_hidden, list_images


def read_list(path: str, backend_args: dict | None) -> list[str]:
    """The lines of a list that hold something, without spaces around them.

    Raises:
        FileNotFoundError: If there is no such file.
        InputError: If it is neither UTF-8 nor has a byte order mark.
    """
    if not fileio.isfile(path, backend_args=backend_args):
        raise FileNotFoundError(path)
    text = decode_text(fileio.get(path, backend_args=backend_args), path)
    return [line.strip() for line in text.splitlines() if line.strip()]


def find_files(
    folder: str, wanted: Callable[[str], bool], backend_args: dict | None
) -> tuple[list[str], list[tuple[str, str]]]:
    """Files of a folder and its subfolders, without hidden ones.

    Args:
        folder: The folder.
        wanted: Tells the files by their names.
        backend_args: Of mmengine's file backend.

    Returns:
        Paths relative to the folder, sorted, and (path, reason) of what was left out,
        which is told on a local disk alone.
    """
    backend = fileio.get_file_backend(folder, backend_args=backend_args)
    if isinstance(backend, fileio.LocalBackend):
        return list_images(folder, is_image=wanted)
    found = backend.list_dir_or_file(folder, list_dir=False, recursive=True)
    return sorted(n for n in found if wanted(n) and not is_hidden(n)), []


def why_unreadable(
    path: str, flag: str, backend: str, backend_args: dict | None
) -> str | None:
    """Why a file cannot be read or decoded, in its decoder's words; None if it can.

    Args:
        path: The file.
        flag: What is asked of mmcv's decoder: 'color' or 'unchanged'.
        backend: mmcv's decoder: 'cv2' or 'pillow'.
        backend_args: Of mmengine's file backend.
    """
    try:
        content = fileio.get(path, backend_args=backend_args)
    except FileNotFoundError:
        return 'is missing'
    except Exception as error:  # whatever a backend raises, it says why
        return f'cannot be read ({_words(error)})'
    if not content:
        return 'is empty'
    try:
        if mmcv.imfrombytes(content, flag, backend=backend) is not None:
            return None
    except Exception as error:  # whatever a decoder raises, it says why
        return f'cannot be decoded ({_words(error)})'
    # OpenCV gave nothing and no reason.
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
    except Exception as error:
        return f'cannot be decoded ({_words(error)})'
    return f'cannot be decoded (OpenCV {cv2.__version__} does not read this kind)'


def _words(error: Exception) -> str:
    """What a decoder says, in one line without the places in its own code."""
    text = ' '.join(str(getattr(error, 'err', None) or error).split())
    if 'CV_IO_MAX_IMAGE' in text:
        return f'{text}: more than OpenCV reads unless OPENCV_IO_MAX_IMAGE_... is set'
    # Pillow names the buffer that the bytes lie in.
    return text.partition(' <_io.')[0] or type(error).__name__
