"""How the cost of a round grows: its stages on 100, 1,000 and 10,000 images."""

import argparse
import functools
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
from mmengine.runner import Runner

from .internals import cluster, prepare_steps, refit, set_workers, train
from .measure import Case, Job
from .workload import make_runner, temporary_folder

SIZES = (100, 1_000, 10_000)
SIDE = 64  # px of an image file
VIEW = 32  # px of a view
STAGES = ('cluster', 'train', 'refit', 'evaluate')


def cases(args: argparse.Namespace) -> list[Case]:
    """The stage's cases. They have no baseline: time per image should not grow."""
    return [
        Case(
            f'{stage}, {number:,} images',
            functools.partial(_prepare, args, stage, number),
            repeats=3 if number < max(SIZES) else 1,
            warm_up=1 if number < max(SIZES) else 0,
        )
        for stage in STAGES
        for number in SIZES
    ]


def _prepare(args: argparse.Namespace, stage: str, number: int) -> Job:
    runner = _runner(args, number)
    works: dict[str, Callable[[], object]] = dict(
        cluster=lambda: cluster(runner),
        train=lambda: train(runner),
        refit=lambda: refit(runner),
        evaluate=lambda: runner.val_loop.run(),
    )
    prepare_steps(runner.model)
    return Job(works[stage], units=number)


def _runner(args: argparse.Namespace, number: int) -> Runner:
    def tune(cfg) -> None:
        # A quarter of ResNet-18's width: the files, not the network, are what grows.
        cfg.model.backbone.base_channels = 16
        cfg.model.neck.in_channels = [16, 32, 64, 128]
        cfg.model.neck.out_channels = cfg.model.decode_head.in_channels = 32
        set_workers(cfg, 0)
        for name in ('train_dataloader', 'val_dataloader'):
            cfg[name].dataset.ann_file = f'splits/{number}.txt'
            cfg[name].dataset.pop('indices', None)
        cfg.train_dataloader.dataset.pipeline[1].size = VIEW
        cfg.val_dataloader.dataset.pipeline[3].size = VIEW

    args = argparse.Namespace(**{**vars(args), 'data_root': Path(_images())})
    return make_runner(args, tune)


@functools.cache
def _images() -> str:
    """Noise in the layout of CamVid."""
    folder = Path(temporary_folder())
    for name in ('img', 'ann', 'splits'):
        (folder / name).mkdir()
    rng = np.random.default_rng(0)
    for index in range(max(SIZES)):
        labels = np.kron(rng.integers(0, 11, (8, 8)), np.ones((8, 8))).astype(np.uint8)
        noise = rng.integers(0, 60, (SIDE, SIDE, 3))
        image = (15 * labels[..., None].astype(int) + noise).astype(np.uint8)
        cv2.imwrite(str(folder / 'img' / f'{index:05d}.jpg'), image)
        cv2.imwrite(str(folder / 'ann' / f'{index:05d}.png'), labels)
    for number in SIZES:
        names = ''.join(f'{index:05d}\n' for index in range(number))
        (folder / 'splits' / f'{number}.txt').write_text(names)
    return str(folder)
