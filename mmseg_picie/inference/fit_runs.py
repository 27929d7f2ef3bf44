"""Runs of mmengine inside a fit: the log goes to a file, a person reads lines."""

from collections.abc import Callable
from pathlib import Path

from mmengine.config import Config
from mmengine.logging import MMLogger
from mmengine.runner import Runner

from ..checkpoints import newest_checkpoint
from ..engine import (
    CheckpointHook,
    RoundReportHook,
    find_hook,
    quiet_console,
    silence_notes,
    silence_warnings,
)

Say = Callable[[str], None]


class QuietRunner(Runner):
    """A Runner whose log goes to its file alone, warnings excepted."""

    def build_logger(self, *args, **kwargs) -> MMLogger:
        """The logger, its console quiet."""
        logger = super().build_logger(*args, **kwargs)
        silence_notes(logger, names_clusters=True)
        quiet_console(logger)
        return logger

    def _log_env(self, env_cfg: dict) -> None:
        # Finding compilers takes seconds; the manifest holds the versions.
        pass


def run(cfg: Config, say: Say) -> tuple[Path, float]:
    """Runs a config.

    Args:
        cfg: Of a training.
        say: Takes a line a round (``ConsoleHook``).

    Returns:
        The last checkpoint, and seconds of the last round without its validation.
    """
    silence_warnings()
    runner = QuietRunner.from_cfg(cfg)
    quiet_console(runner.logger, lambda line: say(f'  {line}'))
    runner.train()
    hook = find_hook(runner, CheckpointHook)
    # No round was left of a training whose minutes were over.
    last = hook.last_ckpt or newest_checkpoint(Path(hook.out_dir), say)
    seconds = find_hook(runner, RoundReportHook).report.finished
    return Path(last), sum(seconds.values())
