"""The argument ``splits`` of data sets that can read several."""

from collections.abc import Sequence

from ..errors import InputError


def check_splits(
    splits: str | Sequence[str] | None, ann_file: str
) -> tuple[str, ...] | None:
    """The splits as a tuple; a single name may be given as a string.

    Args:
        splits: As given, None to follow ``ann_file``.
        ann_file: As given.

    Raises:
        InputError: If both are given, or a split is named twice: its images would
            count twice.
    """
    if splits is None:
        return None
    splits = (splits,) if isinstance(splits, str) else tuple(splits)
    if ann_file:
        raise InputError(
            f'give splits or ann_file, not both: splits={splits}, ann_file={ann_file!r}'
        )
    if len(set(splits)) < len(splits):
        raise InputError(f'splits must name each split once, got {splits}')
    return splits
