"""The bar that the tools show."""

from collections.abc import Iterable, Sequence
from typing import Any

from ..engine import PassProgress


def track(title: str, items: Sequence[Any]) -> Iterable[Any]:
    """Yields the items and shows a bar with the title."""
    with PassProgress(title, len(items)) as progress:
        for item in items:
            yield item
            progress.advance(1)
