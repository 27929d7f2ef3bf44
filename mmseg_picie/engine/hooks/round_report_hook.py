"""RoundReportHook: one line about every round."""

from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from ..loops import trains
from ..rounds.round_report import RoundReport
from ..rounds.run_parts import find_hook


@HOOKS.register_module()
class RoundReportHook(Hook):
    """Logs in one line what a round clustered and how long its stages took."""

    # Below the hooks that fit the centroids; above those that log and save.
    priority = 'NORMAL'

    def __init__(self) -> None:
        self.report = RoundReport()

    def after_train_epoch(self, runner: Runner) -> None:
        """Logs the line."""
        line = self.report.line(rounds_trained(runner), runner.max_epochs)
        runner.logger.info(line)


def round_report(runner: Runner) -> RoundReport:
    """Where hooks report the stages of a round; unread without ``RoundReportHook``."""
    hook = find_hook(runner, RoundReportHook)
    return RoundReport() if hook is None else hook.report


def rounds_trained(runner: Runner) -> int:
    """Rounds trained by the end of this epoch."""
    return runner.epoch + trains(runner.train_loop)
