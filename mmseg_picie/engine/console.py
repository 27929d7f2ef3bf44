"""The console of a training: lines for a person and bars; the full log has its file.

A line for a person is a record of the run's logger with a mark, so the log file has it
too, and only the first process of several prints it.
"""

import atexit
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache

from mmengine.logging import MMLogger
from rich.console import Console
from rich.progress import Progress

MARK = 'for_a_person'
_live: list[Progress] = []


def tell(line: str, logger: logging.Logger | None = None) -> None:
    """Logs a line that a console shows whether it is quiet or not.

    Args:
        line: For a person.
        logger: That of the run; by default the latest.
    """
    logger = logger or MMLogger.get_current_instance()
    logger.info(line, extra={MARK: True})


def quiet_console(
    logger: logging.Logger, say: Callable[[str], None] | None = None
) -> None:
    """Keeps the console to what a person reads: told lines, warnings and errors.

    Everything else of the log goes to its file alone.

    Args:
        logger: That of a run.
        say: Takes the told lines from now on. By default they are printed as they
            are, or go where an earlier call said.
    """
    for index, handler in enumerate(logger.handlers):
        if type(handler) is logging.StreamHandler:
            handler = logger.handlers[index] = QuietHandler(handler)
        if isinstance(handler, QuietHandler):
            handler.say = say or handler.say


class QuietHandler(logging.Handler):
    """Stands before the handler of a console and lets through what a person reads.

    Args:
        console: mmengine's handler. Warnings and errors keep its format.
    """

    def __init__(self, console: logging.StreamHandler) -> None:
        super().__init__(console.level)
        self.console = console
        self.say: Callable[[str], None] | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Prints a record, above the bar if there is one."""
        told = getattr(record, MARK, False)
        if not told and record.levelno < logging.WARNING:
            return
        with bars_paused():
            if not told:
                self.console.handle(record)
            elif self.say is not None:
                self.say(record.getMessage())
            else:
                self.console.stream.write(record.getMessage() + '\n')
                self.console.flush()


@cache
def bar_console() -> Console:
    """Where bars are drawn: stderr, so that they are in no file of the output."""
    return Console(stderr=True)


def show_bars(shown: bool) -> None:
    """Whether bars are drawn at all; they are until this says no."""
    bar_console().quiet = not shown


def start_bar(bar: Progress) -> None:
    """Draws a bar from now on."""
    _live.append(bar)
    bar.start()


def end_bar(bar: Progress) -> None:
    """Takes a bar away."""
    if bar in _live:
        _live.remove(bar)
        bar.stop()


@atexit.register
def end_bars() -> None:
    """Takes all bars away; a run that ends by an error leaves none."""
    for bar in list(_live):
        end_bar(bar)


@contextmanager
def bars_paused() -> Iterator[None]:
    """Inside, no bar is drawn: what is printed keeps its own line."""
    for bar in _live:
        bar.stop()
    try:
        yield
    finally:
        for bar in _live:
            bar.start()
