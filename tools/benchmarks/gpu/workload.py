"""COCO's round at 320 px on drawn JPEGs, in each way to compute it."""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from mmengine.config import Config
from mmengine.runner import Runner

from ..internals import (
    compile_network,
    scale_init,
    set_batches,
    set_view_size,
    set_workers,
    skip_label_free_scores,
)
from ..workload import make_runner

COCO_IMAGES = 49_629  # of the curated training list


@dataclass(frozen=True)
class Way:
    """One way to compute.

    Attributes:
        precision: 'float32', 'TF32' (of convolutions, PyTorch's default) or 'bfloat16'.
        layout: 'channels_last' or 'NCHW'.
        compiled: Whether backbone and neck go through ``torch.compile``.
    """

    precision: str
    layout: str = 'channels_last'
    compiled: bool = False

    def __str__(self) -> str:
        words = [self.precision, self.layout] + ['compiled'] * self.compiled
        return ', '.join(words)


@contextmanager
def built(
    args: argparse.Namespace,
    way: Way,
    workers: int,
    scored: bool = False,
    **changes,
) -> Iterator[Runner]:
    """A runner that computes in a way; PyTorch's switches are as before afterwards.

    Args:
        args: The command's.
        way: How to compute.
        workers: Loader workers.
        scored: Whether rounds end with the label-free scores, as by default. To
            prepare them takes a second, which the other measurements need not spend.
        **changes: Values that take the place of those in ``args``.
    """
    args = argparse.Namespace(**{**vars(args), **changes})
    args.precision = 'bfloat16' if way.precision == 'bfloat16' else 'float32'
    args.data_root = None

    def tune(cfg: Config) -> None:
        cfg.model.channels_last = way.layout == 'channels_last'
        set_view_size(cfg, args.size)
        set_batches(cfg, args.batch, args.cluster_batch)
        set_workers(cfg, workers)
        if not scored:
            skip_label_free_scores(cfg)
        scale_init(cfg, args.images / COCO_IMAGES)

    # Distances to centroids stay float32: matmul.allow_tf32 is off by default.
    before = torch.backends.cudnn.allow_tf32
    torch.backends.cudnn.allow_tf32 = way.precision != 'float32'
    try:
        runner = make_runner(args, tune)
        if way.compiled:
            compile_network(runner.model)
        yield runner
    finally:
        torch.backends.cudnn.allow_tf32 = before
        if way.compiled:
            torch.compiler.reset()
