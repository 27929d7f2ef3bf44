"""Errors that the user can mend; everything else that escapes is a bug."""

from collections.abc import Sequence
from typing import Any


class InputError(ValueError):
    """What the user gave is wrong: an argument, a config value or a file.

    The message names it, its value and the remedy. The command line prints the message
    alone; any other exception keeps its traceback.
    """


class MissingFileError(InputError, FileNotFoundError):
    """A file or folder that the user named does not exist."""


def check_choice(name: str, value: Any, allowed: Sequence) -> None:
    """Refuses a value that is not one of the allowed ones.

    Args:
        name: What the user calls the argument, such as ``RefitHook.images``.
        value: What the user gave.
        allowed: The allowed values.

    Raises:
        InputError: If ``value`` is none of them.
    """
    if value not in allowed:
        raise InputError(f'{name} must be one of {allowed}, got {value!r}')


def check_least(name: str, value: float | None, least: float) -> None:
    """Refuses a number that is too small.

    Args:
        name: What the user calls the argument.
        value: What the user gave; None, where it stands for a default, passes.
        least: The smallest allowed number.

    Raises:
        InputError: If ``value`` is smaller.
    """
    if value is not None and value < least:
        raise InputError(f'{name} must be >= {least}, got {value}')
