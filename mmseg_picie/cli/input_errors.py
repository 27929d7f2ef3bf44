"""Which exceptions are about the user's input rather than about a bug."""

import dis
import os
import traceback
from types import FrameType, TracebackType

INPUT_ERRORS = (
    ValueError,
    OSError,
    KeyError,
    TypeError,
    ImportError,
    RuntimeError,
    AssertionError,
)
OWN = 'mmseg_picie'
# Modules that read configs: whatever they raise is about the config.
CONFIG_READERS = ('mmengine.config', 'mmengine.registry')


def input_error(error: BaseException) -> str | None:
    """The message of an error that the input caused, or None.

    That is an error that this package raises on purpose, one of mmengine reading a
    config, or one of a constructor that was called with values of a config.

    Args:
        error: A caught exception, with its traceback.
    """
    steps = _steps(error.__traceback__)
    if not steps:
        return None
    frame, raised = steps[-1]
    module = _module(frame)
    text = str(error.args[0]) if isinstance(error, KeyError) else str(error)
    # An operation that fails in our code is a bug, a statement `raise` a check.
    if _within(module, (OWN,)) and (raised or isinstance(error, OSError)):
        return text
    if _within(module, CONFIG_READERS):
        return text
    if 'unexpected keyword argument' in text and _within(module, ('mmengine',)):
        return f'{text}; correct the config or --cfg-options'
    return _worker_error(error, text) or _constructor_error(error, text)


def _steps(tb: TracebackType | None) -> list[tuple[FrameType, bool]]:
    """Frames of a traceback, and whether each was at a ``raise`` statement."""
    steps = []
    while tb is not None:
        code = tb.tb_frame.f_code.co_code
        opcode = code[tb.tb_lasti] if tb.tb_lasti >= 0 else 0
        steps.append((tb.tb_frame, dis.opname[opcode] == 'RAISE_VARARGS'))
        tb = tb.tb_next
    return steps


def _module(frame: FrameType) -> str:
    return frame.f_globals.get('__name__', '')


def _within(module: str, packages: tuple[str, ...]) -> bool:
    return any(module == p or module.startswith(p + '.') for p in packages)


def _worker_error(error: BaseException, text: str) -> str | None:
    """A check of ours in a loader's worker, which hands its traceback over as text."""
    if 'in DataLoader worker process' not in text:
        return None
    lines = text.splitlines()
    places = [i for i, line in enumerate(lines) if line.startswith('  File "')]
    end = text.rfind(f'{type(error).__name__}: ')
    if not places or end < 0:
        return None
    last = places[-1]
    ours = f'{os.sep}{OWN}{os.sep}' in lines[last]
    if ours and lines[last + 1].lstrip().startswith('raise '):
        return text[end:].split(': ', 1)[1].strip()
    return None


def _constructor_error(error: BaseException, text: str) -> str | None:
    """An error of a constructor that mmengine called with what the config says."""
    frames = [frame for frame, _ in _steps(error.__traceback__)]
    built = None
    while frames and frames[-1].f_code.co_name == '__init__':
        built = frames.pop().f_locals.get('self')
    if built is None or not frames:
        return None
    caller = frames[-1]
    loader = caller.f_code.co_name == 'build_dataloader'
    if not _within(_module(caller), CONFIG_READERS) and not loader:
        return None
    if not text:  # a bare assertion
        text = traceback.extract_tb(error.__traceback__)[-1].line
    return f'{type(built).__name__} refuses its settings in the config: {text}'
