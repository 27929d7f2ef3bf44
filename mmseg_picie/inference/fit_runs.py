"""Runs of mmengine inside a fit: the log goes to a file, a person reads lines."""

import logging
import time
from collections.abc import Callable
from pathlib import Path

from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.logging import MMLogger
from mmengine.runner import Runner, find_latest_checkpoint

from ..engine import (
    CheckpointHook,
    MinutesHook,
    find_hook,
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
        for handler in logger.handlers:
            if type(handler) is logging.StreamHandler:
                handler.setLevel(logging.WARNING)
        return logger

    def _log_env(self, env_cfg: dict) -> None:
        # Finding compilers takes seconds; the manifest holds the versions.
        pass


class RoundLines(Hook):
    """Tells a person of each round when it is over.

    Args:
        say: Takes a line.
    """

    # After everything else of a round, whose time is then whole.
    priority = 'LOWEST'

    def __init__(self, say: Say) -> None:
        self.say = say
        self.seconds: list[float] = []

    def before_train(self, runner: Runner) -> None:
        """The first round begins."""
        self._begin = time.monotonic()

    def after_train_epoch(self, runner: Runner) -> None:
        """Says how long it took, what is left and how the round went."""
        now = time.monotonic()
        self.seconds.append(now - self._begin)
        self._begin = now
        done, total = runner.epoch + 1, runner.max_epochs
        minutes = find_hook(runner, MinutesHook)
        if minutes is None:
            left = (total - done) * sum(self.seconds) / len(self.seconds)
            parts = [f'round {done} of {total}']
        else:
            left = max(minutes.seconds - minutes.used(), 0)
            parts = [f'round {done}']
        parts.append(f'{left / 60:.1f} min left')
        scalars = runner.message_hub.log_scalars
        if 'train/loss' in scalars:
            parts.append(f'loss {scalars["train/loss"].current():.2f}')
        self.say('  ' + ', '.join(parts))


def run(cfg: Config, say: Say) -> tuple[Path, list[float]]:
    """Runs a config.

    Args:
        cfg: Of a training.
        say: Takes a line a round.

    Returns:
        The last checkpoint, and seconds of each round.
    """
    silence_warnings()
    runner = QuietRunner.from_cfg(cfg)
    lines = RoundLines(say)
    runner.register_hook(lines)
    runner.train()
    folder = find_hook(runner, CheckpointHook).out_dir
    return Path(find_latest_checkpoint(folder)), lines.seconds
