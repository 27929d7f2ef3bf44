"""What is shown of a pass over images, or over the steps of a training."""

import time

from mmengine.dist import is_main_process
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from ..console import bar_console, end_bar, start_bar, tell

LINE_SECONDS = 60  # between lines where there is no terminal


class PassProgress:
    """A bar with rate and time left on a terminal, a line now and then elsewhere.

    Args:
        title: Name of the pass.
        total: Images in it.
        unit: What is counted in place of images.
        done: How many of them were before.
    """

    def __init__(
        self, title: str, total: int, unit: str = 'images', done: int = 0
    ) -> None:
        self.title, self.total, self.done, self.unit = title, total, done, unit
        self.before = done
        console = bar_console()
        self.on_terminal = console.is_interactive
        self.bar = Progress(
            TextColumn('{task.description}'),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn('{task.fields[rate]} ' + f'{unit}/s'),
            TimeRemainingColumn(),
            console=console,
            # Elsewhere rich would print an empty line for each bar.
            disable=not (self.on_terminal and is_main_process()),
            transient=True,
        )

    def start(self) -> None:
        """Shows the bar; the clock starts."""
        self.begin = self.last = time.monotonic()
        self.task = self.bar.add_task(
            self.title, total=self.total, completed=self.done, rate='-'
        )
        start_bar(self.bar)

    def stop(self) -> None:
        """Takes the bar away."""
        end_bar(self.bar)

    def __enter__(self) -> 'PassProgress':
        self.start()
        return self

    def __exit__(self, *_) -> None:
        self.stop()

    def advance(self, num_images: int) -> None:
        """Counts images of all processes."""
        self.done = min(self.done + num_images, self.total)
        now = time.monotonic()
        rate = (self.done - self.before) / max(now - self.begin, 1e-9)
        text = f'{rate:.0f}' if rate >= 10 else f'{rate:.1f}'
        self.bar.update(self.task, completed=self.done, rate=text)
        if not self.on_terminal and now - self.last > LINE_SECONDS:
            self.last = now
            left = (self.total - self.done) / rate
            tell(
                f'{self.title}: {self.done}/{self.total} {self.unit}, '
                f'{text} {self.unit}/s, {left:.0f} s left'
            )
