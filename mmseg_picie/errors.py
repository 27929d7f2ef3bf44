"""Errors that the user can mend; everything else that escapes is a bug."""

import difflib
from collections.abc import Iterable, Sequence
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


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The nearest known name in brackets, to follow a name that is not known.

    Args:
        name: What the user gave.
        known: What there is.

    Returns:
        '' where none is near.

    Examples:
        >>> did_you_mean('flip_probability', ['flip_prob', 'hue'])
        ' (did you mean flip_prob?)'
        >>> did_you_mean('size', ['flip_prob', 'hue'])
        ''
    """
    near = difflib.get_close_matches(name, list(known), n=1)
    return f' (did you mean {near[0]}?)' if near else ''
