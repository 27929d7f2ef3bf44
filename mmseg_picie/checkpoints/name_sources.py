"""Names from elsewhere than a names file: from words, and from labels."""

import re
from collections.abc import Sequence

import numpy as np

from ..errors import InputError
from ..scores import classes_of_nearest, majority_match
from .names import ClusterName, Names

REST = 'rest'
UNSEEN = ('nearest', 'ignore', 'keep')


def names_from_settings(
    settings: Sequence[str],
    checkpoint: str,
    num_clusters: int,
    ignore: Sequence[str] = (),
    base: Names | None = None,
) -> Names:
    """Names as they are given on a command line.

    Args:
        settings: 'IDS=NAME' each, such as '3=nucleus', '1,4=cytoplasm' or
            'rest=background' for all clusters that are not mentioned.
        checkpoint: :func:`~mmseg_picie.checkpoints.weights_hash` of the weights.
        num_clusters: K.
        ignore: Clusters to ignore, 'IDS' each; 'rest' for all that have no name.
        base: Names that these change; an id that is given here loses its entry there.

    Raises:
        InputError: If a setting has another form, a cluster does not exist or is given
            twice, the names are none (:class:`Names`), or ``base`` has clusters that
            are still to be split.

    Examples:
        >>> names = names_from_settings(
        ...     ['3=nucleus', '1,4=cytoplasm'], 64 * '0', num_clusters=6, ignore=['5']
        ... )
        >>> names.classes
        ('nucleus', 'cytoplasm')
        >>> names.unnamed(6)
        [0, 2]
    """
    if base is not None:
        base.require_whole()
    given, rest = _read_settings(settings, ignore, num_clusters)
    entries = [e for e in (base.clusters if base else ()) if e.id not in given]
    names = Names((*entries, *given.values()), checkpoint)
    if len(rest) > 1:
        raise InputError(
            f'{REST} is named {rest[0]} and {rest[1]}: keep one of --set {REST}=NAME '
            f'and --ignore {REST}'
        )
    left = [ClusterName(i, name) for name in rest for i in names.unnamed(num_clusters)]
    return Names((*names.clusters, *left), checkpoint)


def _read_settings(
    settings: Sequence[str], ignore: Sequence[str], num_clusters: int
) -> tuple[dict[int, ClusterName], list[str | None]]:
    """Clusters that are mentioned, by id, and names for the rest."""
    given: dict[int, ClusterName] = {}
    rest: list[str | None] = []
    for option, texts in (('--set', settings), ('--ignore', ignore)):
        for text in texts:
            ids, name = text, None
            if option == '--set':
                ids, equals, name = text.partition('=')
                if not equals or not name.strip():
                    raise InputError(
                        f'--set {text}: expected IDS=NAME, such as 3=nucleus or '
                        '1,4=cytoplasm (--ignore 7 to ignore a cluster)'
                    )
                name = name.strip()
            if ids.strip() == REST:
                rest.append(name)
                continue
            for cluster in _ids(ids, f'{option} {text}', num_clusters):
                if cluster in given:
                    raise InputError(
                        f'{option} {text}: cluster {cluster} is given twice; keep one'
                    )
                given[cluster] = ClusterName(cluster, name)
    return given, rest


def names_by_majority(
    confusion: np.ndarray,
    classes: Sequence[str],
    checkpoint: str,
    palette: Sequence[Sequence[int]] | None = None,
    unseen: str = 'nearest',
    centroids: np.ndarray | None = None,
) -> tuple[Names, list[int]]:
    """Names each cluster after the class that most of its labeled pixels have.

    A few labeled images do not show every cluster. Those that they do not show have no
    class of their own; ``unseen`` says what becomes of them:

    - 'nearest' (default): the class of the nearest cluster that has one, by centroid.
      A guess, but a hole in the mask is an error in every case. Tried on held-out
      training images of four small sets (100 clusters of a MobileNetV2's pretrained
      features, 128 px, 3 seeds): named by 2 images, 2 to 16 clusters are unseen, and
      guesses raise mIoU by 8, 1, 4 and 3 points; named by 20, none is unseen.
    - 'ignore': 255 in masks, for labels that must not hold guesses.
    - 'keep': a class of its own under its anonymous name.

    Args:
        confusion: Labeled pixels by class and cluster, (C, K).
        classes: Names of the C classes.
        checkpoint: :func:`~mmseg_picie.checkpoints.weights_hash` of the weights.
        palette: Color of each class, [r, g, b].
        unseen: As above.
        centroids: (K, D), for 'nearest'.

    Returns:
        The names, classes in the order of ``classes`` without those that no cluster
        has; and the clusters without a labeled pixel.

    Raises:
        InputError: If ``unseen`` is unknown or its centroids are missing, no pixel is
            labeled, or ``classes`` are not C.
    """
    confusion = np.asarray(confusion)
    _check_labels(confusion, classes, unseen)
    found = majority_match(confusion)
    without = np.flatnonzero(found < 0).tolist()
    if unseen == 'nearest' and without:
        if centroids is None:
            raise InputError("unseen='nearest' needs the centroids, got none")
        found = classes_of_nearest(found, centroids)
    colors = _colors(classes, palette)
    # Stable: by class, then by id, so that classes keep their order.
    entries = [
        ClusterName(int(cluster), classes[found[cluster]], colors[found[cluster]])
        for cluster in np.argsort(found, kind='stable')
        if found[cluster] >= 0
    ]
    if unseen == 'ignore':
        entries += [ClusterName(cluster, None) for cluster in without]
    return Names(tuple(entries), checkpoint), without


def _check_labels(confusion: np.ndarray, classes: Sequence[str], unseen: str) -> None:
    if unseen not in UNSEEN:
        raise InputError(f'unseen must be one of {UNSEEN}, got {unseen!r}')
    if len(classes) != len(confusion):
        raise InputError(
            f'confusion has {len(confusion)} classes, classes names {len(classes)}'
        )
    if not confusion.sum():
        raise InputError(
            'no pixel of the labeled images has a class (all are 255), so there is '
            'nothing to name clusters by: check the labels'
        )


def _ids(text: str, option: str, num_clusters: int) -> list[int]:
    ids = [part.strip() for part in text.split(',')]
    wrong = [part for part in ids if not re.fullmatch('[0-9]{1,9}', part)]
    if wrong:
        raise InputError(
            f'{option}: {wrong[0]!r} is no cluster id, expected integers with commas '
            'between them, such as 1,4'
        )
    for number in map(int, ids):
        if number >= num_clusters:
            raise InputError(
                f'{option}: cluster {number} does not exist, the checkpoint has '
                f'{num_clusters} clusters, ids from 0 to {num_clusters - 1}'
            )
    return [int(part) for part in ids]


def _colors(
    classes: Sequence[str], palette: Sequence[Sequence[int]] | None
) -> list[str | None]:
    """'#rrggbb' of each class; None for one whose color another has already."""
    if palette is None:
        return [None] * len(classes)
    colors: list[str | None] = []
    for rgb in palette:
        color = '#{:02x}{:02x}{:02x}'.format(*map(int, rgb))
        colors.append(None if color in colors else color)
    return colors
