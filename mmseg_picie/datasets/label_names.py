"""Which label file belongs to which image, by their paths."""

import os.path as osp
from collections.abc import Sequence
from pathlib import Path

from ..errors import InputError

# What a common ending of labels begins with: 0_mask.png is the label of 0.jpg.
SEPARATORS = '_-. '


def match_labels(
    images: Sequence[str], labels: Sequence[str], folders: tuple[Path, Path]
) -> tuple[dict[str, str], list[str]]:
    """Label file of each image that has one.

    A label has its image's path, with any suffix; or all labels have it with one
    ending, such as ``_mask``, added.

    Args:
        images: Relative paths of the images, at least one.
        labels: Relative paths of the labels, at least one.
        folders: Of the images and of the labels, for messages.

    Returns:
        Relative path of the label by that of the image, sorted, and sentences on an
        ending and on labels without image.

    Raises:
        InputError: If no label belongs to an image, or one to two images, or two
            labels to one image.
    """
    by_id: dict[str, list[str]] = {}
    for name in images:
        by_id.setdefault(osp.splitext(name)[0], []).append(name)
    ids = [osp.splitext(label)[0] for label in labels]
    notes = []
    ending = '' if any(i in by_id for i in ids) else _common_ending(ids, by_id)
    if ending:
        notes.append(f'labels have the names of their images with {ending!r} added')
    files: dict[str, str] = {}
    without = []
    for label, label_id in zip(labels, ids):
        owners = by_id.get(label_id.removesuffix(ending), [])
        if len(owners) > 1:
            raise InputError(
                f'label {label} of {folders[1]} may be that of any of {owners}; give '
                'the images different names'
            )
        if not owners:
            without.append(label)
        elif owners[0] in files:
            raise InputError(
                f'image {owners[0]} has two labels in {folders[1]}: {files[owners[0]]} '
                f'and {label}; remove one'
            )
        else:
            files[owners[0]] = label
    if not files:
        raise InputError(
            f'no label of {folders[1]} (such as {labels[0]}) has the name of an image '
            f'of {folders[0]} (such as {images[0]}); a label has the path of its '
            'image, with any suffix'
        )
    if without:
        notes.append(
            f'{len(without)} of {len(labels)} labels have no image, such as '
            f'{without[0]}'
        )
    return dict(sorted(files.items())), notes


def _common_ending(ids: Sequence[str], images: dict[str, list[str]]) -> str:
    """What all labels have at their end beyond the names of images; '' for nothing."""
    first = ids[0]
    for length in range(len(first) - 1, 0, -1):
        ending = first[length:]
        if ending[0] in SEPARATORS and first[:length] in images:
            return ending if all(i.endswith(ending) for i in ids) else ''
    return ''
