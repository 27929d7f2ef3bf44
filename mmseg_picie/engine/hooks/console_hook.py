"""ConsoleHook: what a person reads of a training."""

import time
from typing import Any

from mmengine.hooks import Hook
from mmengine.runner import EpochBasedTrainLoop, Runner
from mmseg.registry import HOOKS

from ..console import quiet_console, tell
from ..loops import trains
from ..quiet import silence_notes
from ..rounds.pass_progress import PassProgress
from ..rounds.run_parts import find_hook, unwrap
from ..rounds.run_words import (
    below_zero,
    largest_cluster,
    mean_loss,
    plan_lines,
    round_name,
)
from ..rounds.time_left import TimeLeft, duration
from .label_free_scores_hook import LabelFreeScoresHook
from .minutes_hook import MinutesHook
from .round_report_hook import RoundReportHook


@HOOKS.register_module()
class ConsoleHook(Hook):
    """Says what a training will do, shows bars, and says in one line how a round went.

    The console then has these lines, warnings and errors; mmengine's log has its file.
    ``default_hooks.console=None`` (``--verbose``) leaves the console to mmengine.

    A line has what there is of: seconds of the round, time left (by the rounds done,
    validations included), mean loss, agreement of the views (``LabelFreeScoresHook``),
    share of the largest cluster, mIoU of a validation with labels.

    Args:
        plan: Whether to say before and after the training what it does and did.
    """

    # First: a round begins with its first hook and ends with the next one's first.
    priority = 'VERY_HIGH'

    def __init__(self, plan: bool = True) -> None:
        self.plan = plan
        self._bar: PassProgress | None = None
        self._metrics: dict[str, Any] | None = None
        self._validation = 0.0
        self._open = self._explained = self._round_ran = False

    # --- moments ----------------------------------------------------------------

    def before_train(self, runner: Runner) -> None:
        """Says what will be done."""
        quiet_console(runner.logger)
        silence_notes(runner.logger, round_name(runner) == 'round')
        self._begin = self._round_begin = time.monotonic()
        loop = runner.train_loop
        self._in_rounds = isinstance(loop, EpochBasedTrainLoop)
        self._name = round_name(runner)
        if self._in_rounds:
            self._left = TimeLeft(runner.max_epochs, _validations(loop))
        if self.plan:
            for line in plan_lines(runner, find_hook(runner, MinutesHook)):
                tell(line, runner.logger)

    def before_train_epoch(self, runner: Runner) -> None:
        """A round begins; the one before it is over with all that belongs to it."""
        self._say_round(runner)
        self._round_begin = time.monotonic()

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None
    ) -> None:
        """Shows the bar of the steps."""
        if not self._in_rounds:
            self._say_round(runner)
        if self._bar is None:
            total, done = len(runner.train_dataloader), batch_idx
            title = f'{self._name} {runner.epoch + 1} of {runner.max_epochs}: training'
            if not self._in_rounds:
                total, done, title = runner.max_iters, runner.iter, 'training'
            self._start_bar(title, total, 'steps', done)

    def after_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs=None
    ) -> None:
        """Counts a step."""
        self._bar.advance(1)
        if self._bar.done == self._bar.total:
            self._end_bar()

    def after_train_epoch(self, runner: Runner) -> None:
        """A line is due when refit, checkpoint and validation are over as well."""
        self._open |= self._in_rounds
        self._round_ran = True

    def before_val_epoch(self, runner: Runner) -> None:
        """Shows the bar of a validation."""
        self._end_bar()
        self._validation_begin = time.monotonic()
        loader = runner.val_loop.dataloader
        self._start_bar('validation', len(loader), 'batches')

    def after_val_iter(
        self, runner: Runner, batch_idx: int, data_batch: Any = None, outputs=None
    ) -> None:
        """Counts a batch."""
        self._bar.advance(1)

    def after_val_epoch(
        self, runner: Runner, metrics: dict[str, float] | None = None
    ) -> None:
        """Keeps the figures, to which other hooks add."""
        self._end_bar()
        self._metrics = metrics or {}
        self._validation = time.monotonic() - self._validation_begin
        self._open = True

    def after_train(self, runner: Runner) -> None:
        """Says the last line, and how long it all took."""
        self._end_bar()
        self._say_round(runner)
        if self.plan:
            took = duration(time.monotonic() - self._begin)
            tell(f'done in {took}', runner.logger)

    # --- lines ------------------------------------------------------------------

    def _say_round(self, runner: Runner) -> None:
        """Says the line of what is over, if it was not said."""
        if not self._open:
            return
        parts = [] if not self._in_rounds else [*self._time_left(runner)]
        parts += self._figures(runner)
        tell(f'{self._heading(runner)}: {", ".join(parts)}', runner.logger)
        self._explain(runner)
        self._metrics, self._validation = None, 0.0
        self._open = self._round_ran = False

    def _heading(self, runner: Runner) -> str:
        seconds = duration(time.monotonic() - self._round_begin)
        if not self._in_rounds:
            return f'step {runner.iter} of {runner.max_iters}'
        if not trains(runner.train_loop):
            return f'clustered in {seconds}'
        of = '' if find_hook(runner, MinutesHook) else f' of {runner.max_epochs}'
        return f'{self._name} {runner.epoch}{of} ({seconds})'

    def _time_left(self, runner: Runner) -> list[str]:
        if not self._round_ran:  # a validation that an interrupted run was due
            return []
        done, minutes = runner.epoch, find_hook(runner, MinutesHook)
        report = find_hook(runner, RoundReportHook)
        once = report.report.finished.get('initial', 0.0) if report else 0.0
        seconds = time.monotonic() - self._round_begin
        self._left.add(seconds, self._validation, once)
        over = done >= runner.max_epochs or runner.train_loop.stop_training
        if over or not trains(runner.train_loop):
            return []
        if minutes is not None:
            return [f'{duration(max(minutes.seconds - minutes.used(), 0))} left']
        more = ' and a validation' if self._left.misses_validation(done) else ''
        return [f'{duration(self._left.seconds(done))}{more} left']

    def _figures(self, runner: Runner) -> list[str]:
        parts = []
        steps = len(runner.train_dataloader) if self._in_rounds else 50
        self._loss = mean_loss(runner, steps) if trains(runner.train_loop) else None
        if self._loss is not None:
            parts.append(f'loss {self._loss:.3g}')
        scores = find_hook(runner, LabelFreeScoresHook)
        agreement = scores.scores.get('view_agreement') if scores else None
        if agreement is not None:
            parts.append(f'views agree {agreement:.0f} %')
        share = largest_cluster(unwrap(runner.model))
        if share is not None:
            parts.append(f'largest cluster {100 * share:.1f} %')
        if 'mIoU' in (self._metrics or {}):
            parts.append(f'mIoU {self._metrics["mIoU"]:.1f}')
        return parts

    def _explain(self, runner: Runner) -> None:
        """Says once why a loss is below 0."""
        if self._loss is None or self._loss >= 0 or self._explained:
            return
        self._explained = True
        for reason in below_zero(unwrap(runner.model)):
            tell(f'  a loss below 0 is no error: {reason}', runner.logger)

    # --- bars -------------------------------------------------------------------

    def _start_bar(self, title: str, total: int, unit: str, done: int = 0) -> None:
        self._bar = PassProgress(title, total, unit, done)
        self._bar.start()

    def _end_bar(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None


def _validations(loop: EpochBasedTrainLoop) -> set[int]:
    """Rounds that a validation follows, counted from 1."""
    if loop.runner.val_loop is None:
        return set()
    last = loop.max_epochs
    rounds = range(loop.val_begin, last + 1)
    return {n for n in rounds if n % loop.val_interval == 0 or n == last}
