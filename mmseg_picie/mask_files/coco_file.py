"""A COCO file of one record a line, so that it is read and written in little memory."""

import heapq
import json
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import NamedTuple

from ..errors import InputError
from ..files import whole_file

INFO = {
    'description': 'Predicted classes; one annotation for each class of an image. '
    'category_id is the class id + 1.'
}


class ImageEntry(NamedTuple):
    """An image of a COCO file with its annotations, both without ids.

    Attributes:
        image: ``file_name``, ``height``, ``width``.
        annotations: ``category_id``, ``segmentation`` and so on.
    """

    image: dict
    annotations: list[dict]

    @property
    def name(self) -> str:
        """Name of the image."""
        return self.image['file_name']


def write_coco(
    path: Path,
    classes: Sequence[str],
    entries: Callable[[], Iterator[ImageEntry]],
) -> None:
    """Writes a COCO file as a whole; images and annotations are numbered from 1.

    Args:
        path: JSON file; its folder must exist.
        classes: Names of the categories, whose ids are 1, 2, ...
        entries: Gives the images; called twice.
    """
    with whole_file(path) as draft, draft.open('w', encoding='utf-8') as file:
        file.write(header(classes))
        end = ''
        for number, entry in enumerate(entries(), 1):
            file.write(f'{end}\n{_line(dict(id=number, **entry.image))}')
            end = ','
        file.write('\n],\n"annotations": [')
        end, count = '', 0
        for number, entry in enumerate(entries(), 1):
            for annotation in entry.annotations:
                count += 1
                record = dict(id=count, image_id=number, **annotation)
                file.write(f'{end}\n{_line(record)}')
                end = ','
        file.write('\n]}\n')


def read_coco(path: Path, classes: Sequence[str]) -> Iterator[ImageEntry]:
    """The images of a file that :func:`write_coco` wrote, one after the other.

    Raises:
        InputError: If the file is of other classes or of another program.
    """
    with path.open(encoding='utf-8') as images, path.open(encoding='utf-8') as rest:
        for file in (images, rest):
            begin = header(classes)
            if file.read(len(begin) + 1) != f'{begin}\n':
                raise InputError(
                    f'{path} is of other classes or was not written by this command: '
                    'name another output folder'
                )
        for line in rest:
            if line.startswith('"annotations"'):
                break
        groups = groupby(_records(rest), lambda record: record['image_id'])
        number, annotations = next(groups, (None, ()))
        for image in _records(images):
            found = []
            if number == image['id']:
                found = [_without(a, 'id', 'image_id') for a in annotations]
                number, annotations = next(groups, (None, ()))
            yield ImageEntry(_without(image, 'id'), found)


def merged(
    old: Iterator[ImageEntry], new: Iterator[ImageEntry]
) -> Iterator[ImageEntry]:
    """Two streams that are sorted by name as one; of two with one name, the new."""
    both = heapq.merge(new, old, key=lambda entry: entry.name)
    for _, same in groupby(both, lambda entry: entry.name):
        yield next(same)  # merging keeps the order of the streams


def header(classes: Sequence[str]) -> str:
    """The beginning of a file, up to its images."""
    categories = [
        dict(id=number, name=name, supercategory='')
        for number, name in enumerate(classes, 1)
    ]
    return (
        f'{{"info": {_line(INFO)},\n"licenses": [],\n'
        f'"categories": {_line(categories)},\n"images": ['
    )


def _line(content: dict | list) -> str:
    return json.dumps(content, ensure_ascii=False)


def _records(lines: Iterator[str]) -> Iterator[dict]:
    """The records up to the end of a list."""
    for line in lines:
        if line.startswith(']'):
            return
        yield json.loads(line.rstrip(',\n'))


def _without(record: dict, *keys: str) -> dict:
    return {key: value for key, value in record.items() if key not in keys}
