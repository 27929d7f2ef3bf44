"""Reading a checkpoint: no code of it runs, and what is damaged says so."""

import os
import pickle
import zipfile
import zlib
from pathlib import Path
from typing import Any

from .errors import InputError, MissingFileError

_STATISTICS = ('min', 'max', 'current', 'mean')
_NO_DEVICE = 'Attempting to deserialize'  # as torch says where there is no GPU


def safe_load(filename: str | os.PathLike, map_location: Any = None) -> Any:
    """Load a checkpoint without running code from it.

    mmengine's checkpoints hold its HistoryBuffer and numpy arrays, which torch's
    `weights_only` refuses; these and nothing else are let through. torch writes a
    check sum (CRC-32) of each tensor and does not look at it when it reads; here all
    are compared first. Files in torch's format from before 1.6 have none.
    ``meta.config``, which mmengine would run as Python in a resume, is left out.

    Args:
        filename: A local file.
        map_location: As in `torch.load`.

    Raises:
        MissingFileError: If the file does not exist.
        InputError: If it is no checkpoint, holds other objects, or bytes of it changed
            since it was written.
        OSError: If the disk does not let it be read.
    """
    import torch

    path = Path(filename).expanduser()
    if not path.is_file():
        raise MissingFileError(
            f'checkpoint {path} does not exist. Put the file there or name another.'
        )
    with path.open('rb') as file:  # an error of the disk is none of the content
        file.read(1)
    _check_sums(path)
    with torch.serialization.safe_globals(_checkpoint_globals()):
        try:
            loaded = torch.load(path, map_location=map_location, weights_only=True)
        except torch.OutOfMemoryError:
            raise
        except RuntimeError as error:
            if str(error).startswith(_NO_DEVICE):
                raise
            raise _refusal(path, error) from error
        except Exception as error:  # whatever bytes that are no checkpoint lead to
            raise _refusal(path, error) from error
    return _without_code(loaded)


def _without_code(loaded: Any) -> Any:
    """Drops the one entry that mmengine's resume runs as Python.

    ``meta.config`` is the config of mmcv's old runners; mmengine writes ``meta.cfg``,
    which nobody runs.
    """
    meta = loaded.get('meta') if isinstance(loaded, dict) else None
    if isinstance(meta, dict):
        meta.pop('config', None)
    return loaded


def _check_sums(path: Path) -> None:
    """Refuses a file in torch's format, a zip archive, whose bytes are not its own."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            wrong = archive.testzip()
    # Of a damaged index: any number may stand in it.
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        NotImplementedError,
        OSError,
        RuntimeError,
        ValueError,
    ) as error:
        raise _refusal(path, error) from error
    if wrong is not None:
        raise InputError(
            f'checkpoint {path} is damaged: bytes of {_shown(wrong)} changed '
            'since it was written (CRC-32). Use a copy of it, or another checkpoint of '
            'the run.'
        )


def _refusal(path: Path, error: Exception) -> InputError:
    return InputError(
        f'checkpoint {path} is damaged, cut short, or holds objects other than '
        f'weights, numbers and mmengine records, and is refused: {_reason(error)} If '
        'you trust it, save its state_dict alone with torch.save and load that.'
    )


def _reason(error: BaseException) -> str:
    """First sentence of what torch found; its advice is to load unsafely."""
    error = error.__context__ or error
    text = str(error).strip()
    if isinstance(error, KeyError) or not text:  # its text is a key alone
        text = f'{type(error).__name__} {text}'.rstrip()
    text = text.splitlines()[0].split('. ')[0].rstrip('.')
    return f'{_shown(text)}.'


def _shown(text: str) -> str:
    """Words of a file of anything, in one line."""
    return ''.join(c if c.isprintable() else '?' for c in text[:200])


def _history_method(owner: Any, name: str) -> Any:
    """`getattr` as mmengine's checkpoints use it: a statistic of HistoryBuffer."""
    from mmengine.logging import HistoryBuffer

    if owner is not HistoryBuffer or name not in _STATISTICS:
        raise pickle.UnpicklingError(f'Unsupported operand getattr({owner!r}, {name}).')
    return getattr(owner, name)


def allowed_names() -> set[str]:
    """Names, as a file has them, of what :func:`safe_load` lets through."""
    return {
        entry[1] if isinstance(entry, tuple) else _name_of(entry)
        for entry in _checkpoint_globals()
    }


def _name_of(kind: type) -> str:
    return f'{kind.__module__}.{kind.__qualname__}'


def _checkpoint_globals() -> list[Any]:
    import numpy as np
    from mmengine.logging import HistoryBuffer

    scalar_reduce = np.float64(0).__reduce__()[0]
    array_reduce = np.zeros(0).__reduce__()[0]
    dtypes = {type(np.dtype(char)) for char in np.typecodes['AllInteger'] + 'efdg?'}
    return [
        HistoryBuffer,
        (_history_method, 'builtins.getattr'),
        np.ndarray,
        np.dtype,
        *dtypes,
        # numpy 2 renamed numpy.core; files of either age are read.
        (array_reduce, 'numpy.core.multiarray._reconstruct'),
        (array_reduce, 'numpy._core.multiarray._reconstruct'),
        (scalar_reduce, 'numpy.core.multiarray.scalar'),
        (scalar_reduce, 'numpy._core.multiarray.scalar'),
    ]
