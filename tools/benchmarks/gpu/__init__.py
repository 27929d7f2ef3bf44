"""All that a GPU decides, measured in one command of a few minutes."""

from .command import add_parser, run

__all__ = ['add_parser', 'run']
