"""Do labels have the sizes of their images, also where EXIF turns an image?"""

from collections.abc import Mapping
from pathlib import Path

from ..errors import InputError
from ..files import image_header
from .label_survey import FoundLabel


def label_turns(
    images: Path, found: Mapping[str, FoundLabel]
) -> tuple[dict[str, int], list[str]]:
    """How each label has to be turned to lie on its image as it is shown.

    A reader turns an image by its EXIF. Its label may have been drawn on the turned
    image or on the stored pixels. Where a turn exchanges the sides, the sizes tell
    which; what they tell holds for the turns of the folder that they do not tell.

    Args:
        images: Folder of the images.
        found: Label of each image, by relative path.

    Returns:
        EXIF orientation by image, of labels to be turned alone, and sentences on it.

    Raises:
        InputError: If a size differs from the image's, or an image is turned by EXIF
            and nothing tells whether its label is.
    """
    as_stored: dict[str, int] = {}
    as_shown: list[str] = []
    open_cases: dict[str, int] = {}
    for name, label in found.items():
        path = images / name
        try:
            header = image_header(path)
        except Exception as error:  # whatever a decoder raises, it says why
            raise InputError(f'image {path}: {error}; replace the file') from error
        if label.size not in (header.size, header.shown):
            raise InputError(size_message(label.path, label.size, path, header.shown))
        if header.orientation == 1:
            continue
        if header.size == header.shown:
            open_cases[name] = header.orientation
        elif label.size == header.size:
            as_stored[name] = header.orientation
        else:
            as_shown.append(name)
    if open_cases and bool(as_stored) == bool(as_shown):
        name, orientation = next(iter(open_cases.items()))
        raise InputError(exif_message(found[name].path, images / name, orientation))
    turned = as_stored | open_cases if as_stored else {}
    if not turned:
        return {}, []
    return turned, [
        f'EXIF turns {len(turned)} of {len(found)} images and not their labels, such '
        f'as {min(turned)}: these labels are turned alike'
    ]


def size_message(
    label: str | Path, size: tuple[int, int], image: str | Path, shown: tuple[int, int]
) -> str:
    """What is wrong where a label and its image differ in size."""
    return (
        f'label {label} is {size}, its image {image} {shown} (height, width); replace '
        'one of the files'
    )


def exif_message(label: str | Path, image: str | Path, orientation: int) -> str:
    """What is wrong where EXIF turns an image and may not turn its label."""
    return (
        f'image {image} is turned by its EXIF (orientation {orientation}), and nothing '
        f'tells whether its label {label} was drawn on the turned image; store the '
        'image turned, without EXIF orientation, or take it out'
    )
