"""Progress of long work: the caller gives a function that shows it."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

# Takes a title and the items of a loop, and yields the items.
Track = Callable[[str, Sequence[Any]], Iterable[Any]]


def untracked(title: str, items: Sequence[Any]) -> Iterable[Any]:
    """Yields the items and shows nothing."""
    return items
