"""One training step: labels, forward, loss, backward and optimizer."""

import argparse
import functools

import torch

from .internals import prepare_steps, set_workers
from .measure import Case, Job
from .round_stage import released_round
from .workload import make_runner


def cases(args: argparse.Namespace) -> list[Case]:
    """The stage's cases."""
    work = functools.partial(_prepare, args)
    return [
        Case(
            'a step, ours with the labels; released: labels from the label pass',
            functools.partial(work, with_labels=False),
            repeats=5,
        ),
        Case(
            'a step and its labels on both sides',
            functools.partial(work, with_labels=True),
            repeats=5,
            memory=False,
        ),
    ]


def _prepare(args: argparse.Namespace, with_labels: bool) -> Job:
    runner = make_runner(args, functools.partial(set_workers, number=0))
    model = runner.model
    batch = next(iter(runner.train_dataloader))
    prepare_steps(model)
    centroids = model.decode_head.centroids

    released = released_round(runner)
    released.centroids = list(centroids)
    inputs = model.data_preprocessor(batch, True)['inputs']
    images = [inputs[name].contiguous() for name in ('view1', 'view2')]
    indices = torch.arange(len(images[0]))
    size = centroids.shape[1]
    weights = [torch.full((size,), 1 / size)] * 2

    def label() -> list[torch.Tensor]:
        released.network.eval()
        with torch.no_grad():
            return [
                released.scores(images[view], view, indices).argmax(1)
                for view in (0, 1)
            ]

    labels = label()

    def ours() -> None:
        model.train_step(batch, runner.optim_wrapper)

    def baseline() -> None:
        targets = label() if with_labels else labels
        released.network.train()
        released.step(images, indices, targets, weights)

    return Job(ours, baseline)
