"""Running a command: what the user can mend becomes one line, a bug its traceback."""

import os
import sys
from collections.abc import Callable
from typing import Any

from mmengine.hooks import Hook
from mmengine.logging import MMLogger
from mmengine.runner import Runner

from ..engine import end_bars, quiet_console, show_bars, silence_warnings
from ..errors import InputError
from .launch import end_process_group

TRACEBACK = 'MMSEG_PICIE_TRACEBACK'


def run(command: Callable[[Any], Any], args: Any) -> int:
    """Calls a command; an error of the input becomes one line and exit code 2.

    Errors of the program keep their traceback; MMSEG_PICIE_TRACEBACK=1 shows it for
    all of them.
    """
    code = _guarded(lambda: (command(args), 0)[1])
    end_process_group()
    return code


def run_command(command: Callable[..., int | None], quiet: bool, **options: Any) -> int:
    """Calls a command of ``mmseg-picie``.

    Args:
        command: Takes the options and ``say``, which prints a line for a person; gives
            the exit code, None for 0.
        quiet: Whether such lines are left out.
        **options: Of the command line.

    Returns:
        0; 1 if something was left out; 2 if what was given cannot be used; 130 after
        Ctrl-C.
    """
    silence_warnings()
    say = _say_nothing if quiet else _say
    quiet_console(MMLogger.get_current_instance(), say)
    show_bars(not quiet)
    try:
        return _guarded(lambda: command(**options, say=say))
    except KeyboardInterrupt:
        print('\nstopped', file=sys.stderr)
        return 130


def _guarded(call: Callable[[], int | None]) -> int:
    try:
        return call() or 0
    except (InputError, OSError) as error:
        end_bars()
        if os.environ.get(TRACEBACK) == '1' or not _is_input(error):
            raise
        sys.stdout.flush()
        print(f'error: {input_message(error)}', file=sys.stderr)
        return 2


def _say(line: str) -> None:
    print(line, flush=True)


def _say_nothing(line: str) -> None:
    pass


def _is_input(error: Exception) -> bool:
    # An OSError that names a file is of the disk: no such file, no room, no right.
    return isinstance(error, InputError) or error.filename is not None


def input_message(error: Exception) -> str:
    """The message alone, also of an error that a loader's worker handed over.

    A worker's error arrives as one of the same type whose text is the traceback.
    """
    text = str(error)
    if 'in DataLoader worker process' in text:
        return text.rpartition(f'{type(error).__name__}: ')[2].strip()
    return text


class ConfigErrors:
    """Whatever goes wrong inside, while things are built from a config, is about it.

    mmengine builds data sets, loops and optimizers when a run begins, by calling
    constructors with the values of the config. What they refuse is an ``InputError``,
    until :meth:`end` says that all is built.
    """

    def __init__(self) -> None:
        self._building = True

    def __enter__(self) -> 'ConfigErrors':
        return self

    def end(self) -> None:
        """Errors from now on are what they are."""
        self._building = False

    def end_with_building(self, runner: Runner) -> None:
        """Ends when a runner has built all that its run needs."""
        runner.register_hook(_BuiltHook(self))

    def __exit__(self, kind: type | None, error: BaseException | None, _: Any) -> None:
        if not self._building or not isinstance(error, Exception):
            return
        if isinstance(error, (InputError, OSError)):
            return
        text = error.args[0] if isinstance(error, KeyError) and error.args else error
        raise InputError(
            f'the config cannot be built: {type(error).__name__}: {text} '
            f'({TRACEBACK}=1 shows where)'
        ) from error


class _BuiltHook(Hook):
    """mmengine calls the hooks for the first time when everything is built."""

    priority = 'VERY_HIGH'

    def __init__(self, errors: ConfigErrors) -> None:
        self.errors = errors

    def before_run(self, runner: Runner) -> None:
        """Ends the building."""
        self.errors.end()
