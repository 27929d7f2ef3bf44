"""How long a training still takes, by the rounds it has done."""


class TimeLeft:
    """Estimates from whole rounds: clustering, training, refit and validation.

    A validation may not follow every round, so its time is kept apart.

    Args:
        rounds: Of the whole training.
        validations: Rounds that a validation follows, counted from 1.

    Examples:
        >>> left = TimeLeft(rounds=3, validations={1, 2, 3})
        >>> left.seconds(0) is None
        True
        >>> left.add(100.0, validation=10.0, once=20.0)
        >>> left.seconds(1)
        160.0
    """

    def __init__(self, rounds: int, validations: set[int]) -> None:
        self.rounds = rounds
        self.validations = validations
        self._plain: list[float] = []
        self._validation: list[float] = []

    def add(self, seconds: float, validation: float = 0.0, once: float = 0.0) -> None:
        """Adds a finished round.

        Args:
            seconds: All of it.
            validation: Of these, those of a validation; 0 if there was none.
            once: Of these, those of what no later round does.
        """
        self._plain.append(seconds - validation - once)
        if validation:
            self._validation.append(validation)

    def seconds(self, done: int) -> float | None:
        """Seconds that are left after ``done`` rounds, None before the first.

        A validation counts once there was one; :meth:`misses_validation` tells.
        """
        if not self._plain:
            return None
        left = (self.rounds - done) * _mean(self._plain)
        if self._validation:
            left += len(self._coming(done)) * _mean(self._validation)
        return left

    def misses_validation(self, done: int) -> bool:
        """Whether a validation is to come and none was measured."""
        return bool(self._coming(done)) and not self._validation

    def _coming(self, done: int) -> set[int]:
        return {number for number in self.validations if number > done}


def duration(seconds: float) -> str:
    """Seconds in words.

    Examples:
        >>> duration(8.4), duration(95), duration(600), duration(9000)
        ('8 s', '95 s', '10.0 min', '2.5 h')
    """
    if seconds < 100:
        return f'{seconds:.0f} s'
    if seconds < 6000:
        return f'{seconds / 60:.1f} min'
    return f'{seconds / 3600:.1f} h'


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)
