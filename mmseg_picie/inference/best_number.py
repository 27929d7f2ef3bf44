"""Which number of clusters a score singles out, or why it singles out none."""

import math
import statistics
from collections.abc import Mapping, Sequence

# Finer clusters explain more, and pixels that are alike fall apart more often: points
# without any clusters give the same curves.
WITH_K = dict(
    view_agreement='falls', explained_inertia='rises', neighbor_agreement='falls'
)
# Each figure is a mean over the pairs that a seed has with the others.
OF_PAIRS = ('seed_agreement',)
LEAST_NUMBERS = 3  # two always rise or fall


def best_number(
    name: str, values: Mapping[int, Sequence[float | None]]
) -> tuple[int | None, str]:
    """The K with the highest mean over the seeds, where that says something.

    It says nothing where the score rises or falls with K: whatever the data are
    (``WITH_K``), or over the list that was tried, whose highest or lowest K would win.
    Nor where another K comes closer than the seeds differ: the means have to be
    further apart than the sum of both standard deviations over the seeds.

    Args:
        name: Of the score; higher is better.
        values: By K, the score with each seed; None where there is no score.

    Returns:
        The K and '', or None and the reason.

    Examples:
        >>> best_number('silhouette', {5: [20, 21], 8: [29, 30], 11: [24, 25]})
        (8, '')
        >>> best_number('silhouette', {5: [20, 21], 8: [24, 25], 11: [29, 30]})
        (None, 'rises with K over the whole list')
        >>> best_number('silhouette', {5: [20, 21], 8: [24, 35], 11: [24, 30]})
        (None, 'the seeds differ as much as K=8 and K=11 do')
    """
    if any(value is None for row in values.values() for value in row):
        return None, 'is not there for every K'
    if name in WITH_K:
        return None, f'{WITH_K[name]} with K whatever the data are'
    if len(values) < LEAST_NUMBERS:
        return None, f'needs {LEAST_NUMBERS} or more K'
    numbers = sorted(values)
    means = {number: statistics.mean(values[number]) for number in numbers}
    way = _monotone([means[number] for number in numbers])
    if way:
        return None, f'{way} with K over the whole list'
    seeds = min(map(len, values.values()))
    least = 3 if name in OF_PAIRS else 2
    if seeds < least:
        return None, f'needs {least} or more seeds, for their spread'
    spreads = {number: _spread(name, values[number]) for number in numbers}
    best = max(numbers, key=means.__getitem__)
    others = [number for number in numbers if number != best]
    gaps = {n: means[best] - means[n] - spreads[best] - spreads[n] for n in others}
    nearest = min(others, key=gaps.__getitem__)
    if gaps[nearest] <= 0:
        return None, f'the seeds differ as much as K={best} and K={nearest} do'
    return best, ''


def _monotone(means: Sequence[float]) -> str:
    steps = [after - before for before, after in zip(means, means[1:], strict=False)]
    if not any(steps):
        return 'does not change'
    if min(steps) >= 0:
        return 'rises'
    return 'falls' if max(steps) <= 0 else ''


def _spread(name: str, values: Sequence[float]) -> float:
    spread = statistics.stdev(values)
    if name not in OF_PAIRS:
        return spread
    # n means over n - 1 pairs each, every pair in two of them, vary less than the
    # pairs do: their variance is (n - 2) / (n - 1)^2 of that of the pairs.
    return spread * (len(values) - 1) / math.sqrt(len(values) - 2)
