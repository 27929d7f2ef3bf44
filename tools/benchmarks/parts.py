"""Which part of a round takes how long."""

import time
from collections.abc import Callable

import torch
from mmcv.transforms import LoadImageFromFile
from mmengine.runner import Runner

from mmseg_picie.datasets.transforms import PackViews, PairedViews
from mmseg_picie.engine import StreamClusterer

PARTS = (
    'decode',
    'views',
    'cluster forward',
    'k-means',
    'label forward',
    'forward',
    'loss',
    'backward',
    'optimizer',
)


class Parts:
    """Clocks the parts of a round by wrapping the methods that do them.

    Args:
        runner: Its loaders must run in this process (``num_workers=0``).

    Attributes:
        seconds: Of each part; a part inside another counts for itself alone.
        total: Seconds of the whole work.
    """

    def __init__(self, runner: Runner) -> None:
        self.seconds = dict.fromkeys(PARTS, 0.0)
        self.total = 0.0
        self._open: list[str] = []
        model, optimizer = runner.model, runner.optim_wrapper
        self._methods = [
            ('decode', LoadImageFromFile, 'transform'),
            ('views', PairedViews, 'transform'),
            ('views', PackViews, 'transform'),
            ('cluster forward', model, 'frozen_embed_views'),
            ('k-means', StreamClusterer, 'update'),
            ('k-means', StreamClusterer, 'finish'),
            ('forward', model, 'embed_views'),
            ('loss', model, 'loss'),
            ('backward', optimizer, 'backward'),
            ('optimizer', optimizer, 'step'),
            ('optimizer', optimizer, 'zero_grad'),
        ]

    def run(self, work: Callable[[], object]) -> None:
        """Runs the work, clocked; the methods are put back afterwards."""
        originals = [getattr(owner, name) for _, owner, name in self._methods]
        for (part, owner, name), original in zip(self._methods, originals, strict=True):
            setattr(owner, name, self._clocked(part, original))
        start = _now()
        try:
            work()
        finally:
            self.total = _now() - start
            for (_, owner, name), original in zip(
                self._methods, originals, strict=True
            ):
                setattr(owner, name, original)

    def _clocked(self, part: str, original: Callable) -> Callable:
        def clocked(*args, **kwargs):
            # The frozen copy clusters between the steps and labels inside them.
            name = part
            if part == 'cluster forward' and 'loss' in self._open:
                name = 'label forward'
            outer = self._open[-1] if self._open else None
            self._open.append(name)
            start = _now()
            try:
                return original(*args, **kwargs)
            finally:
                seconds = _now() - start
                self._open.pop()
                self.seconds[name] += seconds
                if outer is not None:
                    self.seconds[outer] -= seconds

        return clocked

    def __str__(self) -> str:
        parts = dict(self.seconds, rest=self.total - sum(self.seconds.values()))
        return ', '.join(
            f'{name} {100 * seconds / self.total:.1f} %'
            for name, seconds in parts.items()
        )


def _now() -> float:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
    return time.perf_counter()
