"""What the command-line tools share: arguments, checks of the config, errors."""

from .commands import run, test, train

__all__ = ['run', 'test', 'train']
