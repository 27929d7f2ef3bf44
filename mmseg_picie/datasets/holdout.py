"""Holding out every n-th image of a list, where there is no list for validation."""

from collections.abc import Sequence
from typing import Any

from ..errors import InputError, check_choice

PARTS = ('train', 'val')


def check_holdout(holdout: dict | None) -> dict | None:
    """Refuses an option ``holdout`` that does not say which images are meant.

    Args:
        holdout: As given: ``dict(every=5, part='train')`` or ``'val'``, None for all.

    Raises:
        InputError: If a key or its value is another one.
    """
    if holdout is None:
        return None
    if set(holdout) != {'every', 'part'}:
        raise InputError(
            "holdout must be dict(every=N, part='train' or 'val') or None, got "
            f'{dict(holdout)}'
        )
    check_choice('holdout.part', holdout['part'], PARTS)
    if not isinstance(holdout['every'], int) or holdout['every'] < 2:
        raise InputError(
            'holdout.every must be a whole number >= 2, the distance of the images '
            f'that are held out, got {holdout["every"]!r}'
        )
    return dict(holdout)


def hold_out(items: Sequence[Any], holdout: dict | None) -> list[Any]:
    """The items of one part: 'val' is every n-th from the first, 'train' the others.

    Args:
        items: In the order of their list.
        holdout: As :func:`check_holdout` gives it.

    Examples:
        >>> hold_out('abcdef', dict(every=3, part='val'))
        ['a', 'd']
        >>> hold_out('abcdef', dict(every=3, part='train'))
        ['b', 'c', 'e', 'f']
    """
    if holdout is None:
        return list(items)
    held_out = holdout['part'] == 'val'
    return [
        item
        for place, item in enumerate(items)
        if (place % holdout['every'] == 0) == held_out
    ]
