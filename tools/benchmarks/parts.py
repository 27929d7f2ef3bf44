"""Which part of a round takes how long."""

from collections.abc import Callable, Sequence

from .internals import INSIDE, Method
from .measure import mark, seconds_between


class Parts:
    """Clocks the parts of a round by wrapping the methods that do them.

    On a GPU it records an event before and after each: nothing waits, and a part's time
    is that of its kernels with the gaps between them.

    Args:
        methods: What does each part, in the order to report.

    Attributes:
        seconds: Of each part; a part inside another counts for itself alone.
        total: Seconds of the whole work.
    """

    def __init__(self, methods: Sequence[Method]) -> None:
        names = [part for part, _, _ in methods]
        self.seconds = dict.fromkeys([*names, *INSIDE.values()], 0.0)
        self.total = 0.0
        self._open: list[str] = []
        self._spans: list[tuple[str, str | None, object, object]] = []
        self._methods = methods

    def run(self, work: Callable[[], object]) -> None:
        """Runs the work, clocked; the methods are put back afterwards."""
        originals = [getattr(owner, name) for _, owner, name in self._methods]
        for (part, owner, name), original in zip(self._methods, originals, strict=True):
            setattr(owner, name, self._clocked(part, original))
        start = mark()
        try:
            work()
        finally:
            end = mark()
            for (_, owner, name), original in zip(
                self._methods, originals, strict=True
            ):
                setattr(owner, name, original)
        self.total += seconds_between(start, end)
        for name, outer, start, end in self._spans:
            seconds = seconds_between(start, end)
            self.seconds[name] += seconds
            if outer is not None:
                self.seconds[outer] -= seconds
        self._spans = []

    def shares(self) -> dict[str, float]:
        """Percent of the whole that each part took; those that ran, and the rest."""
        parts = {name: seconds for name, seconds in self.seconds.items() if seconds}
        parts['rest'] = self.total - sum(parts.values())
        return {name: 100 * seconds / self.total for name, seconds in parts.items()}

    def _clocked(self, part: str, original: Callable) -> Callable:
        def clocked(*args, **kwargs):
            name = part
            for outer in self._open:
                name = INSIDE.get((outer, part), name)
            outer = self._open[-1] if self._open else None
            self._open.append(name)
            start = mark()
            try:
                return original(*args, **kwargs)
            finally:
                self._spans.append((name, outer, start, mark()))
                self._open.pop()

        return clocked

    def __str__(self) -> str:
        shares = self.shares().items()
        return ', '.join(f'{name} {share:.1f} %' for name, share in shares)
