"""RoundHook: keeps the time of the rounds."""

import torch
from mmengine.dist import get_rank
from mmengine.hooks import Hook
from mmengine.runner import Runner
from mmseg.registry import HOOKS

from ...views import process_seed, round_clock
from ..loops import trains
from ..rounds.batch_norm import average_batch_norm
from ..rounds.ema import copy_buffers_to_ema
from ..rounds.run_checks import check_run
from ..rounds.run_parts import unwrap
from .round_report_hook import round_report, rounds_trained


@HOOKS.register_module()
class RoundHook(Hook):
    """Tells everything that draws at random which round it is (PiCIE, section 3).

    A round is one epoch, of a method that clusters (cluster, freeze, train, refit) or
    of any other. Before the first, the run is checked for what rounds need. At the end
    of each, before the centroids that predict are fitted, the running statistics of
    BatchNorm are averaged over processes and the heads take note of the round.
    """

    # First of the hooks of a round.
    priority = 35

    def before_train(self, runner: Runner) -> None:
        """Checks that the run has rounds."""
        check_run(runner)
        self._report = round_report(runner)

    def before_train_epoch(self, runner: Runner) -> None:
        """Tells the loaders' workers and the model the round."""
        round_clock.set(runner.seed, runner.epoch)
        unwrap(runner.model).round_begins(runner.seed, runner.epoch)

    def before_train_iter(
        self, runner: Runner, batch_idx: int, data_batch=None
    ) -> None:
        """Keys what the network draws itself by the round.

        Dropout and stochastic depth take the global generator. It is seeded at the
        first step, when loaders have drawn from it what they need, so that a resumed
        run draws what the uninterrupted one does.
        """
        if batch_idx == 0:
            torch.manual_seed(process_seed(runner.seed, runner.epoch, get_rank()))
            self._report.start('train')

    def after_train_epoch(self, runner: Runner) -> None:
        """Averages what each process saw of its share of the images."""
        if trains(runner.train_loop):
            self._report.stop('train')
        model = unwrap(runner.model)
        average_batch_norm(model)
        model.round_ends(rounds_trained(runner))
        copy_buffers_to_ema(runner, model)

    def after_train(self, runner: Runner) -> None:
        """Frees the frozen copy."""
        unwrap(runner.model).drop_frozen()
