"""Label maps of COCO-Stuff from its JSON annotations."""

import io
import json
from collections import defaultdict
from pathlib import Path

import numpy as np
from PIL import Image

from ...errors import InputError
from ...files import is_truncated, write_whole
from ..label_maps import IGNORE
from .tracking import Track, untracked

THING_IDS = range(1, 92)
STUFF_IDS = range(92, 183)
OTHER_ID = 183  # 'other' of the stuff annotations: things, and what nobody labeled
NEEDED = ('images', 'annotations')


def write_label_maps(
    instances: str | Path,
    stuff: str | Path,
    folder: str | Path,
    track: Track = untracked,
) -> tuple[int, int]:
    """Writes a PNG of raw ids for each image of the JSON annotations.

    As in the released maps, an id is the category minus 1 (0-90 things, 91-181
    stuff), 255 without a label, and things lie over stuff. How the released maps order
    things among each other is not documented. Here crowd regions come first, then the
    objects in the order of the file, later ones on top. Existing whole files are kept.

    Args:
        instances: ``instances_<split>.json`` of COCO.
        stuff: ``stuff_<split>.json`` of COCO-Stuff.
        folder: Folder of the PNG files; made where missing.
        track: Shows the progress.

    Returns:
        Files written and files kept.

    Raises:
        ImportError: If pycocotools is not installed.
        MissingFileError: If a JSON file does not exist.
        InputError: If a JSON file is broken or of another split, or an annotation has
            a category or a shape that it cannot have.
    """
    _pycocotools()  # fails here, not after minutes of reading
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    images, things = _read(Path(instances))
    _, stuffs = _read(Path(stuff))
    _check_one_split(instances, stuff, images, things, stuffs)
    written = 0
    for image in track(f'labels of {folder.name}', images):
        path = folder / f'{Path(image["file_name"]).stem}.png'
        if path.is_file() and not is_truncated(path):
            continue
        try:
            labels = label_map(
                things.get(image['id'], []),
                stuffs.get(image['id'], []),
                (image['height'], image['width']),
            )
        except ValueError as error:
            raise InputError(
                f'image {image["id"]} of {instances} and {stuff}: {error}'
            ) from error
        buffer = io.BytesIO()
        Image.fromarray(labels).save(buffer, format='PNG')
        write_whole(path, buffer.getvalue())
        written += 1
    return written, len(images) - written


def _check_one_split(
    instances: str | Path,
    stuff: str | Path,
    images: list[dict],
    things: dict[int, list[dict]],
    stuffs: dict[int, list[dict]],
) -> None:
    """Refuses annotations of images that the instances file does not list."""
    known = {image['id'] for image in images}
    for path, found in ((instances, things), (stuff, stuffs)):
        unknown = sorted(set(found) - known)
        if unknown:
            raise InputError(
                f'{path} annotates {len(unknown)} images that {instances} does not '
                f'list (the first is {unknown[0]}); give both files of one split'
            )


def label_map(
    things: list[dict], stuff: list[dict], shape: tuple[int, int]
) -> np.ndarray:
    """Draws the annotations of one image.

    Args:
        things: Annotations of COCO: ``category_id``, ``segmentation``, ``iscrowd``.
        stuff: Annotations of COCO-Stuff.
        shape: Height and width in pixels.

    Returns:
        Raw ids, (H, W) uint8, 255 without a label.

    Raises:
        InputError: If a category or a mask is not valid.
    """
    labels = np.full(shape, IGNORE, np.uint8)
    stuff = [entry for entry in stuff if entry['category_id'] != OTHER_ID]
    crowds = [entry for entry in things if entry.get('iscrowd')]
    objects = [entry for entry in things if not entry.get('iscrowd')]
    for entries, allowed in (
        (stuff, STUFF_IDS),
        (crowds, THING_IDS),
        (objects, THING_IDS),
    ):
        for entry in entries:
            category = entry['category_id']
            if category not in allowed:
                raise InputError(
                    f'annotation {entry.get("id")} has category {category}, expected '
                    f'{allowed.start}-{allowed.stop - 1}'
                )
            labels[_mask(entry, shape)] = category - 1
    return labels


def _mask(entry: dict, shape: tuple[int, int]) -> np.ndarray:
    """Polygons, or a run-length code as counts or as text: (H, W) bool."""
    masks = _pycocotools()
    segmentation = entry['segmentation']
    if isinstance(segmentation, list):
        # pycocotools would take 4 numbers for a box.
        if not segmentation or any(len(polygon) < 6 for polygon in segmentation):
            raise InputError(
                f'annotation {entry.get("id")} must have polygons of 6 or more '
                f'numbers, got lengths {[len(polygon) for polygon in segmentation]}'
            )
        code = masks.merge(masks.frPyObjects(segmentation, *shape))
    elif isinstance(segmentation['counts'], list):
        code = masks.frPyObjects(segmentation, *shape)
    else:
        code = segmentation
    if tuple(code['size']) != tuple(shape):
        raise InputError(
            f'annotation {entry.get("id")} has a mask of {tuple(code["size"])}, the '
            f'image is {tuple(shape)} (height, width)'
        )
    return masks.decode(code).astype(bool)


def _read(path: Path) -> tuple[list[dict], dict[int, list[dict]]]:
    """Images, and annotations by image."""
    try:
        content = json.loads(path.read_text(encoding='utf-8'))
    except ValueError as error:
        raise InputError(f'{path} is not whole JSON ({error}); replace it') from error
    if not isinstance(content, dict) or any(key not in content for key in NEEDED):
        raise InputError(f'{path} has no {" and ".join(NEEDED)}; replace it')
    by_image = defaultdict(list)
    for entry in content['annotations']:
        by_image[entry['image_id']].append(entry)
    return content['images'], dict(by_image)


def _pycocotools():
    try:
        from pycocotools import mask
    except ImportError as error:
        raise ImportError(
            "label maps from JSON need pycocotools (the extra 'coco'): "
            'pip install pycocotools'
        ) from error
    return mask
