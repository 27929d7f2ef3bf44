"""What a person calls clusters, and the classes that this makes of them."""

import re
import unicodedata
from dataclasses import dataclass, replace

from ..errors import InputError
from ..models import cluster_meta

MAX_CLASSES = 255  # masks are 8-bit, and 255 is no class
COLOR = re.compile('#[0-9a-f]{6}')
HASH = re.compile('[0-9a-f]{64}')


@dataclass(frozen=True)
class ClusterName:
    """What a person calls one cluster.

    Attributes:
        id: The cluster, from 0.
        name: Its name; None to ignore it: its pixels are 255 in masks.
        color: '#rrggbb', or None for a color of its own.
    """

    id: int
    name: str | None
    color: str | None = None


@dataclass(frozen=True)
class Names:
    """What a person calls the clusters of a checkpoint.

    Clusters of one name become one class. Classes come in the order in which their
    names appear first.

    A cluster without an entry keeps its anonymous name and is a class of its own,
    ``cluster_17`` (:meth:`complete`). To refuse it would force a person to name a
    hundred clusters before the first mask; to ignore it would take pixels out of masks
    that nobody asked to take out. This way nothing is lost, the mask shows what is left
    to name, and ``name: null`` stays the only way to ignore.

    Attributes:
        clusters: One entry a cluster.
        checkpoint: :func:`~mmseg_picie.checkpoints.weights_hash` of the weights whose
            clusters these are.
        split: Clusters that mix two things and are to be divided before they get
            names (:func:`~mmseg_picie.inference.refine`); they have no entry.

    Raises:
        InputError: If an id repeats or is negative, a name is empty, has spaces at its
            ends or differs from another by case and spaces only, a color is none or
            shared by two names, clusters of one name have two colors, or a cluster to
            split has an entry.

    Examples:
        >>> names = Names(
        ...     (
        ...         ClusterName(3, 'nucleus', '#aa0000'),
        ...         ClusterName(0, None),
        ...         ClusterName(1, 'cytoplasm', '#00aa00'),
        ...         ClusterName(4, 'cytoplasm'),
        ...     ),
        ...     checkpoint=64 * '0',
        ... )
        >>> names.classes
        ('nucleus', 'cytoplasm')
        >>> names.palette
        [[170, 0, 0], [0, 170, 0]]
        >>> names.complete(5).cluster_to_class(5)
        [-1, 1, 2, 0, 1]
        >>> names.complete(5).classes
        ('nucleus', 'cytoplasm', 'cluster_2')
    """

    clusters: tuple[ClusterName, ...]
    checkpoint: str
    split: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        if not HASH.fullmatch(self.checkpoint):
            raise InputError(
                f'checkpoint must be a SHA-256 of 64 hex digits, got '
                f'{self.checkpoint[:80]!r}: copy it whole'
            )
        _check_ids(self.clusters)
        _check_split(self.split, {entry.id for entry in self.clusters})
        for entry in self.clusters:
            _check_name(entry)
        _check_spellings(self.clusters)
        _check_colors(self.clusters)

    @property
    def classes(self) -> tuple[str, ...]:
        """Names of the classes."""
        return tuple(dict.fromkeys(e.name for e in self.clusters if e.name is not None))

    @property
    def palette(self) -> list[list[int]]:
        """Color of each class, [r, g, b].

        A class without a color has that of its first cluster (``cluster_meta``), so
        that it looks as before it had a name; where that is taken, the next free one.
        """
        given = {e.name: e.color for e in self.clusters if e.name and e.color}
        first = {e.name: e.id for e in reversed(self.clusters)}
        taken = [_rgb(color) for color in given.values()]
        palette = []
        for name in self.classes:
            color = _rgb(given[name]) if name in given else None
            if color is None:
                color = _free_color(first[name], taken)
                taken.append(color)
            palette.append(color)
        return palette

    def cluster_to_class(self, num_clusters: int) -> list[int]:
        """Class of each cluster, -1 for an ignored one.

        Raises:
            ValueError: If these names are not :meth:`complete`.
        """
        classes = {name: index for index, name in enumerate(self.classes)}
        found = {entry.id: classes.get(entry.name, -1) for entry in self.clusters}
        if sorted(found) != list(range(num_clusters)):
            raise ValueError(f'names are not complete for {num_clusters} clusters')
        return [found[cluster] for cluster in range(num_clusters)]

    def unnamed(self, num_clusters: int) -> list[int]:
        """Clusters without an entry, ascending."""
        return sorted(set(range(num_clusters)) - {e.id for e in self.clusters})

    def check_exist(self, num_clusters: int) -> None:
        """Refuses clusters that the checkpoint does not have.

        Args:
            num_clusters: K.

        Raises:
            InputError: If an id is K or more.
        """
        for cluster in (*(entry.id for entry in self.clusters), *self.split):
            if cluster >= num_clusters:
                raise InputError(
                    f'cluster {cluster} does not exist: the checkpoint has '
                    f'{num_clusters} clusters, ids from 0 to {num_clusters - 1}'
                )

    def require_whole(self) -> None:
        """Refuses names of clusters that are still to be divided.

        Raises:
            InputError: If there are clusters to split.
        """
        if self.split:
            raise InputError(
                f'split holds {", ".join(map(str, self.split))}: run mmseg-picie '
                'refine first, which divides these clusters, or take split out'
            )

    def complete(self, num_clusters: int) -> 'Names':
        """These names, and the anonymous ones of the clusters without an entry.

        Args:
            num_clusters: K.

        Raises:
            InputError: If an id is K or more, there are clusters to split, no cluster
                is left that is not ignored, there are more than 255 classes, or a name
                is the anonymous one of another cluster.
        """
        self.check_exist(num_clusters)
        self.require_whole()
        anonymous = cluster_meta(num_clusters)['classes']
        rest = [ClusterName(i, anonymous[i]) for i in self.unnamed(num_clusters)]
        for entry in rest:
            if entry.name in self.classes:
                raise InputError(
                    f'{entry.name!r} names another cluster than {entry.id}, which has '
                    f'no entry and is called so: give cluster {entry.id} an entry'
                )
        names = replace(self, clusters=(*self.clusters, *rest))
        if not names.classes:
            raise InputError(
                'every cluster is ignored, so there is nothing to predict: give at '
                'least one of them a name'
            )
        if len(names.classes) > MAX_CLASSES:
            raise InputError(
                f'{len(names.classes)} classes are more than a mask can hold '
                f'({MAX_CLASSES}): {len(rest)} of them are clusters without an entry; '
                'merge or ignore some'
            )
        return names


def _check_ids(clusters: tuple[ClusterName, ...]) -> None:
    seen = set()
    for entry in clusters:
        if type(entry.id) is not int or entry.id < 0:
            raise InputError(f'id must be an integer >= 0, got {entry.id!r}')
        if entry.id in seen:
            raise InputError(
                f'cluster {entry.id} has two entries: keep one (several clusters may '
                'share a name, not the other way round)'
            )
        seen.add(entry.id)


def _check_split(split: tuple[int, ...], with_entry: set[int]) -> None:
    seen = set()
    for cluster in split:
        if type(cluster) is not int or cluster < 0:
            raise InputError(f'split must hold integers >= 0, got {cluster!r}')
        if cluster in seen:
            raise InputError(f'cluster {cluster} stands twice in split: keep one')
        if cluster in with_entry:
            raise InputError(
                f'cluster {cluster} is in split and has an entry: take out one of them'
            )
        seen.add(cluster)


def _check_name(entry: ClusterName) -> None:
    if entry.name is None:
        return
    if not isinstance(entry.name, str):
        raise InputError(
            f'name of cluster {entry.id} must be text or null, got {entry.name!r}'
        )
    if not entry.name.strip():
        raise InputError(
            f'name of cluster {entry.id} is empty: write a name, or null to ignore it'
        )
    if entry.name != entry.name.strip() or not entry.name.isprintable():
        raise InputError(
            f'name of cluster {entry.id} is {entry.name[:80]!r}: take out spaces at '
            'its ends, line breaks and characters that cannot be printed'
        )


def _check_spellings(clusters: tuple[ClusterName, ...]) -> None:
    """Refuses what reads as one class and would become two.

    An error and no warning: nobody means ``Sky`` and ``sky`` to be two classes, and
    files named after them would overwrite each other on some disks.
    """
    seen: dict[str, ClusterName] = {}
    for entry in clusters:
        if entry.name is None:
            continue
        spelled = unicodedata.normalize('NFKC', entry.name).casefold()
        other = seen.setdefault(' '.join(spelled.split()), entry)
        if other.name != entry.name:
            raise InputError(
                f'cluster {other.id} is {other.name!r} and cluster {entry.id} is '
                f'{entry.name!r}, the same but for case and spaces: spell them alike '
                'to merge them, or make them differ'
            )


def _check_colors(clusters: tuple[ClusterName, ...]) -> None:
    by_name: dict[str, ClusterName] = {}
    by_color: dict[str, ClusterName] = {}
    for entry in clusters:
        if entry.color is None:
            continue
        if not isinstance(entry.color, str) or not COLOR.fullmatch(entry.color):
            raise InputError(
                f"color of cluster {entry.id} must be '#rrggbb' (two hex digits each, "
                f'lower case, in quotes), got {str(entry.color)[:80]!r}'
            )
        if entry.name is None:
            continue
        same = by_name.setdefault(entry.name, entry)
        if same.color != entry.color:
            raise InputError(
                f'clusters {same.id} and {entry.id} are both {entry.name!r}, in '
                f'{same.color} and {entry.color}: a class has one color, give it to '
                'one of them'
            )
        other = by_color.setdefault(entry.color, entry)
        if other.name != entry.name:
            raise InputError(
                f'{other.name!r} (cluster {other.id}) and {entry.name!r} (cluster '
                f'{entry.id}) have one color, {entry.color}, and could not be told '
                'apart in a mask: change one of them'
            )


def _rgb(color: str) -> list[int]:
    return list(bytes.fromhex(color[1:]))


def _free_color(cluster: int, taken: list[list[int]]) -> list[int]:
    """A cluster's own color, or the first of the following ones that is free."""
    while (color := cluster_meta(cluster + 1)['palette'][cluster]) in taken:
        cluster += 1
    return color
