"""Generated scenes as a folder of images and class maps."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import cv2
import numpy as np

from ...errors import InputError
from ...files import write_whole
from .drawing import DEFAULT_SIZE, draw_scene
from .palette import SCENE_CLASSES

# Raised whenever the same arguments give other pixels.
DRAWING_VERSION = 2
SETTINGS_FILE = 'scenes.json'
DEFAULT_COUNTS = {'train': 400, 'val': 60}
# The first index of a split is its place in this list times SPLIT_STRIDE, so a split
# keeps its scenes when another one grows.
SPLITS = ('train', 'val', 'test')
SPLIT_STRIDE = 1_000_000


def generate_scenes(
    root: str | Path,
    counts: Mapping[str, int] | None = None,
    size: tuple[int, int] = DEFAULT_SIZE,
    seed: int = 0,
    progress: Callable[[str, int, int], None] | None = None,
) -> Path:
    """Writes ``images/<split>/*.png`` and ``annotations/<split>/*.png``.

    A scene whose two files exist is kept. Files are put in place in one step, so an
    existing file is whole. A later call may add scenes of the same settings. A folder
    that holds more scenes than asked for is refused, because a data set would read
    them all.

    Args:
        root: Folder to fill; made where missing.
        counts: Scenes per split; names out of train, val, test.
        size: Height and width in pixels.
        seed: Seed of the data set.
        progress: Called with split, scenes done and scenes in all after each scene.

    Returns:
        The folder.

    Raises:
        InputError: If a split or count is unknown or out of range, or the folder
            holds scenes of other settings or more of them.
    """
    root, counts = Path(root), dict(DEFAULT_COUNTS if counts is None else counts)
    for split, count in counts.items():
        if split not in SPLITS:
            raise InputError(f'counts: split {split!r} is not one of {SPLITS}')
        if not 0 <= count <= SPLIT_STRIDE:
            raise InputError(
                f'counts[{split!r}] must lie in [0, {SPLIT_STRIDE}], got {count}'
            )
    draw_scene(seed, 0, size)  # Refuses bad arguments before anything is written.
    _claim(root, size, seed)
    for split, count in counts.items():
        _refuse_surplus(root / 'images' / split, count)
    for split, count in counts.items():
        images, annotations = root / 'images' / split, root / 'annotations' / split
        images.mkdir(parents=True, exist_ok=True)
        annotations.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            name = f'{number:06d}.png'
            if not ((images / name).exists() and (annotations / name).exists()):
                image, labels = draw_scene(seed, scene_index(split, number), size)
                write_whole(images / name, _encode(image))
                write_whole(annotations / name, _encode(labels))
            if progress is not None:
                progress(split, number + 1, count)
    return root


def scene_index(split: str, number: int) -> int:
    """Index that :func:`draw_scene` gets for scene ``number`` of a split."""
    return SPLITS.index(split) * SPLIT_STRIDE + number


def _claim(root: Path, size: tuple[int, int], seed: int) -> None:
    """Writes the settings file, or compares it with the one that is there."""
    wanted = {
        'drawing_version': DRAWING_VERSION,
        'seed': int(seed),
        'size': [int(side) for side in size],
        'classes': list(SCENE_CLASSES),
    }
    path = root / SETTINGS_FILE
    if path.exists():
        try:
            found = json.loads(path.read_text(encoding='utf-8'))
        except ValueError as error:
            raise InputError(
                f'{path} is not a settings file of generated scenes ({error}); '
                'delete the folder or name another one'
            ) from error
        if found != wanted:
            raise InputError(
                f'{path} holds scenes of other settings: {found}, wanted {wanted}; '
                'delete the folder or name another one'
            )
        return
    for part in ('images', 'annotations'):
        if (root / part).exists():
            raise InputError(
                f'{root / part} exists but {path} does not, so its files were not '
                'written here; name another folder'
            )
    root.mkdir(parents=True, exist_ok=True)
    write_whole(path, (json.dumps(wanted, indent=2) + '\n').encode())


def _refuse_surplus(folder: Path, count: int) -> None:
    """Compares the scenes in a split's folder with the number asked for."""
    wanted = {f'{number:06d}.png' for number in range(count)}
    surplus = sorted({path.name for path in folder.glob('*.png')} - wanted)
    if surplus:
        raise InputError(
            f'{folder} holds {len(surplus)} images besides the {count} asked for '
            f'(the first is {surplus[0]}); ask for more, delete the folder or name '
            'another one'
        )


def _encode(array: np.ndarray) -> bytes:
    done, data = cv2.imencode('.png', array)
    if not done:
        raise RuntimeError(f'OpenCV could not encode an array {array.shape} as PNG')
    return data.tobytes()
