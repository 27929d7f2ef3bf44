"""A whole round: our two passes over the images against the released five."""

import argparse
import functools
from pathlib import Path

import torch
from mmengine.config import Config
from mmengine.runner import Runner
from mmseg.registry import MODELS

from mmseg_picie.views import ViewRanges, draw_view_params

from .internals import part_methods, prepare_steps, set_workers, skip_refit, view_size
from .measure import Case, Job
from .parts import Parts
from .released import ReleasedRound
from .released_evaluation import ValidationFiles, evaluate
from .released_views import FRAME
from .workload import make_runner, temporary_folder


def cases(args: argparse.Namespace) -> list[Case]:
    """The stage's cases."""
    work = functools.partial(_prepare, args)
    rounds = [
        Case(
            'round; released views at twice their size',
            functools.partial(work, frame=None),
            target_ratio=1.5,
            repeats=2,
            warm_up=0,
        ),
        Case(
            'round; released views at 640 px',
            functools.partial(work, frame=FRAME),
            repeats=1,
            warm_up=0,
            memory=False,
        ),
        Case(
            'round and evaluation; released: two of them',
            functools.partial(work, frame=None, evaluation=True),
            repeats=1,
            warm_up=0,
            memory=False,
        ),
    ]
    return rounds[:1] if args.images else rounds


def _prepare(
    args: argparse.Namespace, frame: int | None, evaluation: bool = False
) -> Job:
    def tune(cfg: Config) -> None:
        if not evaluation:
            skip_refit(cfg)

    runner = make_runner(args, tune)
    released = released_round(runner, frame)

    def ours() -> None:
        runner.train_loop.run_epoch()
        if evaluation:
            runner.val_loop.run()

    def baseline() -> None:
        released.run()
        if evaluation:
            for _ in range(2):
                evaluate_released(runner, released)

    # Both have run a step before the clock starts.
    batch = next(iter(runner.train_dataloader))
    prepare_steps(runner.model)
    runner.model.train_step(batch, runner.optim_wrapper)
    released.warm_up()
    remark = None
    if frame is None and not evaluation:
        remark = functools.partial(where_time_goes, args)
    return Job(ours, baseline, remark=remark)


def released_round(runner: Runner, frame: int | None = None) -> ReleasedRound:
    """The baseline: the same images and random draws, and a network of the same kind.

    Args:
        runner: Of ours.
        frame: Side of the square that colors and blur are done on; by default twice
            the side of a view, as released (640 and 320 px).
    """
    if torch.cuda.is_available():
        raise RuntimeError('the released round runs on the CPU: hide the GPUs')
    model = MODELS.build(runner.cfg.model)
    dataset = runner.train_dataloader.dataset
    ranges = ViewRanges()
    size = view_size(runner)
    return ReleasedRound(
        torch.nn.Sequential(model.backbone, model.neck).to(
            memory_format=torch.contiguous_format
        ),
        [dataset.get_data_info(i)['img_path'] for i in range(len(dataset))],
        [draw_view_params(0, 0, index, ranges) for index in range(len(dataset))],
        size=size,
        frame=frame or 2 * size,
        num_clusters=model.decode_head.num_clusters,
        batch_size=runner.train_dataloader.batch_sampler.batch_size,
        num_workers=runner.train_dataloader.num_workers,
        folder=Path(temporary_folder()),
    )


def evaluate_released(runner: Runner, released: ReleasedRound) -> tuple[float, float]:
    """One evaluation with the round's centroids."""
    loader = runner.val_dataloader
    dataset = loader.dataset
    samples = [dataset.get_data_info(i) for i in range(len(dataset))]
    return evaluate(
        released.network,
        released.centroids[0],
        torch.utils.data.DataLoader(
            ValidationFiles(samples, released.size),
            batch_size=loader.batch_sampler.batch_size,
            num_workers=loader.num_workers,
        ),
        num_classes=len(dataset.metainfo['classes']),
    )


def where_time_goes(args: argparse.Namespace) -> str:
    """How long each part of our round takes, with the loader in this process."""

    def tune(cfg: Config) -> None:
        skip_refit(cfg)
        set_workers(cfg, 0)

    runner = make_runner(args, tune)
    parts = Parts(part_methods(runner))
    parts.run(runner.train_loop.run_epoch)
    return f'a round of ours, its loader in the same process: {parts}'
