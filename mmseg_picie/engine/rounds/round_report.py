"""What one line a round says."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from ...clustering import MiniBatchKMeans


class RoundReport:
    """Collects the clusterings and the seconds of a round.

    Attributes:
        finished: Seconds of each stage of the round that was reported last.
    """

    def __init__(self) -> None:
        self.finished: dict[str, float] = {}
        self._clusterings: dict[str, MiniBatchKMeans] = {}
        self._seconds: dict[str, float] = {}

    def add(self, name: str, kmeans: MiniBatchKMeans) -> None:
        """Adds a fitted clustering."""
        self._clusterings[name] = kmeans

    def start(self, stage: str) -> None:
        """Starts a stage's clock."""
        self._seconds[stage] = -time.monotonic()

    def stop(self, stage: str) -> None:
        """Stops the clock of a started stage."""
        self._seconds[stage] += time.monotonic()

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Clocks a block."""
        self.start(stage)
        yield
        self.stop(stage)

    def line(self, num_rounds: int, max_rounds: int) -> str:
        """The line of a finished round; the next one starts empty."""
        parts = [f'{name}: {describe(k)}' for name, k in self._clusterings.items()]
        seconds = ', '.join(f'{k} {v:.1f}' for k, v in self._seconds.items())
        self.finished = self._seconds
        self._clusterings, self._seconds = {}, {}
        return ' | '.join(
            [f'Round {num_rounds}/{max_rounds}', *parts, f'seconds: {seconds}']
        )


def describe(kmeans: MiniBatchKMeans) -> str:
    """Inertia, empty clusters and the range of cluster shares, in words."""
    share = kmeans.cluster_share()
    return (
        f'inertia {kmeans.inertia:.4f}, {int((share == 0).sum())} empty, shares '
        f'{100 * float(share.min()):.2f}-{100 * float(share.max()):.2f} %'
    )
