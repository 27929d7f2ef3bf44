"""What ids of label files mean."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from ..errors import InputError
from .label_files import DEEP_TOP, TOP
from .label_maps import IGNORE
from .label_survey import FoundLabel, describe_values
from .label_table import Color, LabelTable

# A label picture rarely shows more ids at once; a photograph in gray always does.
MOST_IN_ONE = 64
GIVE_TABLE = "give a table with a line 'name, id' for each id"


class Reading(NamedTuple):
    """What values mean.

    Attributes:
        classes: Names of the classes.
        targets: Class of each known value, 255 where nothing is said.
        sentence: How the files are read.
        colors: RGB of each class, None where unknown; None where nothing is.
    """

    classes: tuple[str, ...]
    targets: dict[int, int]
    sentence: str
    colors: Sequence[Color | None] | None = None


def read_ids(
    labels: Sequence[FoundLabel], table: LabelTable | None, folder: Path
) -> Reading:
    """Reads values as ids.

    Args:
        labels: All label files, each gray.
        table: With ids; None where nothing is given.
        folder: Of the labels, for messages.

    Raises:
        InputError: If the ids cannot be meant, or are not in the table.
    """
    deep = any(label.file.top == DEEP_TOP for label in labels)
    nothing = {TOP, DEEP_TOP} if deep else {TOP}
    present = {int(v) for label in labels for v in label.file.ids()}
    known = table.classes_by_id() if table else {}
    top = max(present)
    if top in nothing and top not in known and present <= {0, top}:
        return _read_binary(present, top, table, folder)
    lossy = next((x for x in labels if x.file.lossy), None)
    if lossy is not None and not (present <= {0, TOP} and present <= set(known)):
        raise InputError(lossy_message(lossy))
    if table is None:
        return _read_plain(labels, present - nothing, nothing, folder)
    return _read_by_table(labels, present, nothing - set(known), table)


def lossy_message(label: FoundLabel) -> str:
    """What is wrong with a label in JPEG that is not one of exact values."""
    return (
        f'label {label.path} is in a format that changes values (JPEG or WebP): ids '
        'and borders are lost; save the labels as PNG'
    )


def _read_binary(
    present: set[int], top: int, table: LabelTable | None, folder: Path
) -> Reading:
    """Masks of 0 and the largest value alone."""
    if present == {top}:
        raise InputError(
            f'every pixel of the labels in {folder} is {top}, which says nothing; '
            f'{GIVE_TABLE}, also for {top}, if it is a class'
        )
    if table is not None and set(table.classes_by_id()) != {0, 1}:
        raise InputError(
            f'labels in {folder} hold 0 and {top} alone, and {table.source} has ids '
            f'{_ids(table.classes_by_id())}: if {top} is a class, give a table with '
            f'ids 0 and {top}; if it says nothing, only one class is labeled'
        )
    classes, colors = ('0', '1'), None
    targets = {0: 0, top: 1}
    if table is not None:
        classes, colors, by_id = table.classes, table.colors, table.classes_by_id()
        targets = {0: by_id[0], top: by_id[1]}
    return Reading(
        classes,
        targets,
        f'binary masks of 0 and {top}, read as 0 and 1'
        + _names(classes, targets, table),
        colors,
    )


def _read_plain(
    labels: Sequence[FoundLabel], ids: set[int], nothing: set[int], folder: Path
) -> Reading:
    """Ids without a table: from 0, or from 1 where 0 never comes."""
    if len(ids) < 2:
        raise InputError(
            f'labels in {folder} hold one id alone ({_ids(ids)}), so there is nothing '
            f'to tell apart; {GIVE_TABLE} if that is meant'
        )
    crowded = next((x for x in labels if len(x.counts) > MOST_IN_ONE), None)
    if crowded is not None:
        raise InputError(
            f'label {crowded.path} holds {len(crowded.counts)} values, as a gray '
            f'picture or a mask with soft borders does; {GIVE_TABLE} if they are ids'
        )
    with_palette = any(label.file.palette is not None for label in labels)
    last = max(ids)
    if last >= IGNORE or (last + 1 > 2 * len(ids) + 8 and not with_palette):
        raise InputError(
            f'labels in {folder} hold {_ids(ids)}, which may be gray levels or ids; '
            f'{GIVE_TABLE}'
        )
    first = 0 if 0 in ids else 1
    numbers = range(first, last + 1)
    unused = sorted(set(numbers) - ids)
    sentence = f'ids {first} to {last}' + (
        f', read as classes 0 to {last - 1} (0 never comes)' if first else ''
    )
    if unused:
        sentence += f'; no pixel of {_ids(unused)}'
    targets = {number: number - first for number in numbers}
    return Reading(
        tuple(map(str, numbers)),
        targets | dict.fromkeys(nothing, IGNORE),
        sentence + _nothing_said(labels, nothing),
    )


def _read_by_table(
    labels: Sequence[FoundLabel],
    present: set[int],
    nothing: set[int],
    table: LabelTable,
) -> Reading:
    known = table.classes_by_id()
    sentence = f'ids by {table.source}'
    unknown = present - set(known) - nothing
    count = len(known)
    if not table.numbered and count in unknown and unknown <= {0, count}:
        # A list of names does not say where ids begin; the data does.
        known = {number + 1: target for number, target in known.items()}
        sentence = f'ids from 1 by {table.source}'
        unknown = present - set(known) - nothing
    elif not table.numbered and 0 not in present and count > 1:
        raise InputError(
            f'labels hold {_ids(present - nothing)}, neither 0 nor {count}, so the '
            f'{count} names of {table.source} may begin at 0 or at 1; {GIVE_TABLE}'
        )
    if unknown == {0} and min(known) >= 1:
        nothing = nothing | {0}
        unknown = set()
    if unknown:
        values = [(label, label.file.ids()) for label in labels]
        raise InputError(
            f'{table.source} has ids {_ids(known)}, and labels hold others: '
            f'{describe_values(unknown, values, color=False)}; add them, with the '
            "name 'ignore' where they are no class"
        )
    return Reading(
        table.classes,
        known | dict.fromkeys(nothing, IGNORE),
        sentence + _names(table.classes, known, table) + _nothing_said(labels, nothing),
        table.colors,
    )


def _names(
    classes: Sequence[str], targets: Mapping[int, int], table: LabelTable | None
) -> str:
    """': 0 = a, 1 = b', with a table."""
    if table is None:
        return ''
    parts = [
        f'{value} = {"ignored" if target == IGNORE else classes[target]}'
        for value, target in targets.items()
    ]
    return ': ' + ', '.join(parts[:12]) + (', ...' if parts[12:] else '')


def _nothing_said(labels: Sequence[FoundLabel], nothing: set[int]) -> str:
    """'; 255 says nothing (12.3% of the pixels)', where it comes."""
    total = sum(int(label.counts.sum()) for label in labels)
    said = ''
    for value in sorted(nothing):
        pixels = sum(
            int(label.counts[label.file.ids() == value].sum()) for label in labels
        )
        if pixels:
            said += (
                f'; {value} says nothing ({100 * pixels / total:.1f}% of the pixels)'
            )
    return said


def _ids(values: Sequence[int] | set[int]) -> str:
    """'0-3, 7' of ascending ids."""
    parts: list[str] = []
    ordered = np.array(sorted(values))
    for run in np.split(ordered, np.flatnonzero(np.diff(ordered) > 1) + 1):
        parts.append(str(run[0]) if len(run) == 1 else f'{run[0]}-{run[-1]}')
    return ', '.join(parts[:12]) + (', ...' if parts[12:] else '')
