"""Arrays in MATLAB files."""

import io

import mmengine.fileio as fileio
import numpy as np
from scipy.io import loadmat

from ..errors import InputError

# Names of the arrays in IIC's patches.
IMAGE_KEY, LABEL_KEY = 'img', 'gt'


def read_mat(path: str, key: str, backend_args: dict | None = None) -> np.ndarray:
    """Reads one array of a MATLAB file (version 4 to 7.2).

    Args:
        path: The file.
        key: Name of the array in it.
        backend_args: Of mmengine's file backend.

    Returns:
        The array as stored.

    Raises:
        MissingFileError: If the file does not exist.
        InputError: If it cannot be read or has no array of that name.
    """
    content = fileio.get(path, backend_args=backend_args)
    try:
        arrays = loadmat(io.BytesIO(content))
    except Exception as error:  # scipy raises many kinds on a broken file
        raise InputError(
            f'{path} cannot be read as a MATLAB file up to version 7.2 ({error}); '
            'replace it'
        ) from error
    if key not in arrays:
        names = [name for name in arrays if not name.startswith('__')]
        raise InputError(
            f'{path} has no array {key!r}, only {names}; expected a patch with its '
            f'image in {IMAGE_KEY!r} or its labels in {LABEL_KEY!r}'
        )
    return arrays[key]
