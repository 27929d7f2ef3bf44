"""The folders of COCO-Stuff and the archives that fill them."""

import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from ...errors import InputError
from ...files import write_whole
from .tracking import Track, untracked

SPLITS = ('train2017', 'val2017')
TRAIN_ID_SUFFIX = '_labelTrainIds'  # of the files that mmseg's converter adds
# Beginning of the members' names of each archive, and the folder they go to.
ARCHIVES = {
    'train2017.zip': {'train2017/': 'images/train2017'},
    'val2017.zip': {'val2017/': 'images/val2017'},
    'stuffthingmaps_trainval2017.zip': {
        f'{split}/': f'annotations/{split}' for split in SPLITS
    },
    'annotations_trainval2017.zip': {'annotations/instances_': 'annotations'},
    'stuff_annotations_trainval2017.zip': {'annotations/stuff_': 'annotations'},
}
SUFFIXES = ('.jpg', '.png', '.json')


@dataclass(frozen=True)
class SplitState:
    """What is there of one split.

    Attributes:
        images: Ids with an image file.
        labels: Ids with a label file of raw ids.
        instances: The JSON file of the things.
        stuff: The JSON file of the stuff.
    """

    images: frozenset[str]
    labels: frozenset[str]
    instances: Path
    stuff: Path

    @property
    def missing_json(self) -> tuple[Path, ...]:
        """JSON files that are not there."""
        return tuple(p for p in (self.instances, self.stuff) if not p.is_file())


def inspect_split(root: str | Path, split: str) -> SplitState:
    """Looks at the folders of a split; they need not exist."""
    root = Path(root)
    labels = {path.stem for path in (root / 'annotations' / split).glob('*.png')}
    return SplitState(
        images=frozenset(p.stem for p in (root / 'images' / split).glob('*.jpg')),
        labels=frozenset(n for n in labels if not n.endswith(TRAIN_ID_SUFFIX)),
        instances=root / 'annotations' / f'instances_{split}.json',
        stuff=root / 'annotations' / f'stuff_{split}.json',
    )


def unpack(archive: Path, root: str | Path, track: Track = untracked) -> int:
    """Unpacks the members of a known archive that are not yet in their folder.

    A file of the member's size is kept; each new one is put in place in one step.

    Args:
        archive: One of :data:`ARCHIVES`, by its name.
        root: Root of the layout.
        track: Shows the progress.

    Returns:
        Files written.

    Raises:
        InputError: If the archive is unknown, broken or has none of the members.
    """
    if archive.name not in ARCHIVES:
        raise InputError(f'archive must be one of {list(ARCHIVES)}, got {archive}')
    try:
        with zipfile.ZipFile(archive) as opened:
            return _unpack(opened, ARCHIVES[archive.name], Path(root), track)
    # A damaged member fails in the decoder before its checksum is looked at.
    except (zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise InputError(
            f'{archive} is not a whole zip file ({error}); download it again'
        ) from error


def _unpack(
    opened: zipfile.ZipFile, folders: dict[str, str], root: Path, track: Track
) -> int:
    members = []
    for member in opened.infolist():
        name = PurePosixPath(member.filename)
        for start, folder in folders.items():
            if member.filename.startswith(start) and name.suffix in SUFFIXES:
                members.append((member, root / folder / name.name))
    if not members:
        raise InputError(
            f'{opened.filename} has no file below {list(folders)}; is it the archive '
            'that its name says?'
        )
    for folder in folders.values():
        (root / folder).mkdir(parents=True, exist_ok=True)
    written = 0
    for member, path in track(Path(opened.filename).name, members):
        if not path.is_file() or path.stat().st_size != member.file_size:
            write_whole(path, opened.read(member))
            written += 1
    return written
