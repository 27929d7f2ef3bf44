"""argparse's parser, which says what a misspelt option may have meant."""

import argparse
import difflib
import sys
from collections.abc import Sequence
from typing import NoReturn


class Parser(argparse.ArgumentParser):
    """A parser whose errors name the nearest option of each one that it has not.

    Arguments are argparse's.
    """

    _given: Sequence[str] = ()

    def parse_known_args(self, args=None, namespace=None):
        """Remembers what is parsed, for :meth:`error`."""
        self._given = list(sys.argv[1:] if args is None else args)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Ends with exit code 2, the message and suggestions."""
        super().error('; '.join([message, *self._suggestions()]))

    def _suggestions(self) -> list[str]:
        known = _options(self)
        names = [text.partition('=')[0] for text in self._given]
        found = []
        for name in dict.fromkeys(names):
            if not name.startswith('--') or name == '--':
                continue
            if any(option.startswith(name) for option in known):
                continue  # argparse takes a beginning
            near = difflib.get_close_matches(name, known, n=1)
            found += [f'{name}: did you mean {near[0]}?'] if near else []
        return found


def _options(parser: argparse.ArgumentParser) -> list[str]:
    """Options of a parser and of its commands."""
    names = list(parser._option_string_actions)
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            names += [name for sub in action.choices.values() for name in _options(sub)]
    return names
