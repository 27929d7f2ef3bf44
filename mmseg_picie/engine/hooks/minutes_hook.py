"""MinutesHook: a training that ends when its minutes are over."""

import math
import time

import torch
from mmengine.dist import broadcast, is_distributed
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from ...errors import InputError

USED = 'minutes/seconds_used'


@HOOKS.register_module()
class MinutesHook(Hook):
    """Ends a training with the round that fills the minutes.

    The learning rate falls by a half cosine (Loshchilov and Hutter, ICLR 2017) over
    the minutes, or over the rounds of the config where those are over first; it takes
    the place of ``param_scheduler``. The time used is in the checkpoint: a resumed
    training has what is left. How many rounds there are depends on the machine; for a
    training that can be repeated, set rounds (``train_cfg.max_epochs``) and no hook.

    Args:
        minutes: Of training, > 0. There is at least one round.
    """

    # Below what takes time in a round, above the hook that writes the checkpoint.
    priority = 'LOW'

    def __init__(self, minutes: float) -> None:
        if minutes <= 0:
            raise InputError(f'MinutesHook.minutes must be > 0, got {minutes}')
        self.seconds = 60 * minutes

    def before_train(self, runner: Runner) -> None:
        """The clock starts, or goes on; it may be that nothing is left."""
        used = runner.message_hub.get_info(USED, 0.0)
        self._begin = time.monotonic() - used
        if runner.epoch and self._is_over(used, used / runner.epoch):
            runner.train_loop.stop_training = True
        self._rounds = 0
        self._first = used
        for group in runner.optim_wrapper.param_groups:
            group.setdefault('initial_lr', group['lr'])

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch: dict | None = None
    ) -> None:
        """Sets the learning rate."""
        done = max(self.used() / self.seconds, runner.iter / runner.max_iters)
        factor = (1 + math.cos(math.pi * min(done, 1))) / 2
        for group in runner.optim_wrapper.param_groups:
            group['lr'] = group['initial_lr'] * factor

    def after_train_epoch(self, runner: Runner) -> None:
        """Ends the training if less than half of another round fits."""
        used = self.used()
        runner.message_hub.update_info(USED, used)
        self._rounds += 1
        round_seconds = (used - self._first) / self._rounds
        if self._is_over(used, round_seconds):
            runner.train_loop.stop_training = True

    def _is_over(self, used: float, round_seconds: float) -> bool:
        return used + round_seconds / 2 > self.seconds

    def used(self) -> float:
        """Seconds used so far, the same on all processes."""
        seconds = torch.tensor(time.monotonic() - self._begin, dtype=torch.float64)
        if is_distributed():
            broadcast(seconds)
        return seconds.item()
