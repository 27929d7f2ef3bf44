"""What loader workers key their draws by: (seed, round) and the sample."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from ..errors import InputError


class RoundClock:
    """(seed, round) in shared memory: written before a round, read in the workers.

    A data set may be deep-copied, or pickled for a worker. A copy with a round of its
    own would silently repeat the first round's views. So a copy is the same object,
    and pickling for a worker sends a handle to the same memory.
    """

    def __init__(self) -> None:
        self._state = torch.zeros(2, dtype=torch.int64).share_memory_()

    def set(self, seed: int, round_index: int) -> None:
        """Sets what every reader sees from now on; both must be >= 0."""
        if seed < 0 or round_index < 0:
            raise InputError(
                f'seed and round must be >= 0, got {seed} and {round_index}'
            )
        self._state[0], self._state[1] = seed, round_index

    def read(self) -> tuple[int, int]:
        """Returns (seed, round)."""
        seed, round_index = self._state.tolist()
        return seed, round_index

    def __copy__(self) -> 'RoundClock':
        return self

    def __deepcopy__(self, memo: dict) -> 'RoundClock':
        return self


# One for all, because the hook that sets it has no access to the transforms.
round_clock = RoundClock()


class CurrentSample:
    """The number of the sample that this process is loading."""

    def __init__(self) -> None:
        self._number: int | None = None

    @contextmanager
    def numbered(self, number: int) -> Iterator[None]:
        """A sample is loaded inside; its number is its index in the whole data set.

        Another sample may be loaded within: afterwards the number is the outer one's.
        """
        outer, self._number = self._number, int(number)
        try:
            yield
        finally:
            self._number = outer

    def read(self, default: int) -> int:
        """The number, or ``default`` where a sample is loaded by itself."""
        return default if self._number is None else self._number


current_sample = CurrentSample()
