"""What rounds of clustering need of mmengine's EMAHook."""

from collections.abc import Iterator
from contextlib import contextmanager

from mmengine.hooks import EMAHook
from mmengine.runner import Runner
from torch import nn

from ...models import TrainedSegmentor
from .run_parts import find_hook


def find_ema(runner: Runner) -> EMAHook | None:
    """The run's EMAHook, if it has one."""
    return find_hook(runner, EMAHook)


@contextmanager
def averaged_weights(runner: Runner) -> Iterator[None]:
    """The model has its averaged weights inside, where there are any.

    EMAHook's own moments around validation are the swap, with its own rule of when
    averaging has begun.
    """
    ema = find_ema(runner)
    if ema is not None:
        ema.before_val_epoch(runner)
    try:
        yield
    finally:
        if ema is not None:
            ema.after_val_epoch(runner)


def copy_buffers_to_ema(runner: Runner, model: TrainedSegmentor) -> None:
    """Copies the buffers; EMAHook does so before the end of a round changes them."""
    ema = find_ema(runner)
    if ema is None:
        return
    source, target = model, ema.ema_model.module
    if ema.ema_model.update_buffers:  # averages BatchNorm itself
        source, target = (
            nn.ModuleList(part.clustering_heads) for part in (source, target)
        )
    for old, new in zip(target.buffers(), source.buffers(), strict=True):
        old.copy_(new)
