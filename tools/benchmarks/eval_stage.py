"""Our refit and evaluation against the released code's two evaluations."""

import argparse
import functools

from .internals import refit
from .measure import Case, Job
from .round_stage import evaluate_released, released_round
from .workload import make_runner


def cases(args: argparse.Namespace) -> list[Case]:
    """The stage's cases."""
    return [
        Case(
            'refit and evaluation; released: two evaluations',
            functools.partial(_prepare, args, evaluations=2, with_refit=True),
            repeats=3,
        ),
        Case(
            'one evaluation on both sides',
            functools.partial(_prepare, args, evaluations=1, with_refit=False),
            repeats=3,
            memory=False,
        ),
    ]


def _prepare(args: argparse.Namespace, evaluations: int, with_refit: bool) -> Job:
    runner = make_runner(args)
    released = released_round(runner)
    refit(runner)  # centroids to evaluate with
    released.centroids = [runner.model.decode_head.eval_centroids] * 2

    def ours() -> None:
        if with_refit:
            refit(runner)
        runner.val_loop.run()

    def baseline() -> None:
        for _ in range(evaluations):
            evaluate_released(runner, released)

    return Job(ours, baseline)
