"""CocoWriter: masks as annotations of one COCO file."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from ..errors import InputError
from ..files import path_below
from .class_runs import class_runs
from .class_table import ClassTable
from .coco_file import ImageEntry, merged, read_coco, write_coco
from .mask import Mask
from .writer import MaskWriter

ROWS = 256  # of confidences that are summed at once


class CocoWriter(MaskWriter):
    """``coco.json``: one annotation for each class of an image, with RLE.

    ``category_id`` is the class id + 1, because many programs take 0 for background.
    Pixels without class are in no annotation. ``score`` is the mean confidence, where
    confidences are there. Until :meth:`close` each image is a small file in
    ``coco_parts``; that folder is removed once ``coco.json`` is whole.

    Raises:
        InputError: If pycocotools is missing, or a ``coco.json`` is there of other
            classes or of another program.
    """

    folder, suffix = 'coco_parts', '.json'

    def __init__(
        self, out: Path, table: ClassTable, names: Iterable[str] | None = None
    ) -> None:
        super().__init__(out, table, names)
        try:
            from pycocotools import mask
        except ModuleNotFoundError as error:
            raise InputError(
                "the format 'coco' needs pycocotools: pip install pycocotools, or "
                'install this package with its extra [coco]'
            ) from error
        self._rle = mask
        self.file = self.out / 'coco.json'
        self._finished = {entry.name for entry in self._old()}

    def path(self, name: str) -> Path:
        """The part of an image; its name keeps the suffix."""
        part = path_below(self.out / self.folder, name)
        return part.with_name(part.name + self.suffix)

    def is_done(self, name: str) -> bool:
        """Whether the image has its part, or is in the file already."""
        return name in self._finished or super().is_done(name)

    def encode(self, mask: Mask) -> bytes:
        """The part of an image."""
        self.table.areas(mask)
        height, width = mask.class_ids.shape
        scores = mean_confidences(mask)
        annotations = []
        for index, counts in class_runs(mask.class_ids):
            if index == self.table.ignore:
                continue
            rle = self._rle.frPyObjects(
                dict(counts=counts, size=[height, width]), height, width
            )
            text = dict(size=[height, width], counts=rle['counts'].decode())
            annotation = dict(
                category_id=index + 1,
                segmentation=text,
                area=int(self._rle.area(rle)),
                bbox=self._rle.toBbox(rle).tolist(),
                iscrowd=0,
            )
            if scores is not None:
                annotation['score'] = scores[index]
            annotations.append(annotation)
        image = dict(file_name=mask.name, height=height, width=width)
        return json.dumps([image, annotations]).encode()

    def close(self) -> None:
        """Writes the file from the parts and what it held before."""
        parts = self._parts()
        if not parts and self.file.is_file():
            return
        self.out.mkdir(parents=True, exist_ok=True)
        write_coco(
            self.file,
            self.table.names,
            lambda: merged(self._old(), (_read_part(part) for part in parts.values())),
        )
        self._finished.update(parts)
        _remove_files(self.out / self.folder, parts.values())

    def _old(self) -> Iterator[ImageEntry]:
        """The images of the file as it is; none where it is not there."""
        if self.file.is_file():
            yield from read_coco(self.file, self.table.names)

    def _parts(self) -> dict[str, Path]:
        """Parts by the name of their image, sorted by name."""
        folder = self.out / self.folder
        found = {
            path.relative_to(folder).as_posix().removesuffix(self.suffix): path
            for path in folder.rglob(f'*{self.suffix}')
        }
        return dict(sorted(found.items()))


def mean_confidences(mask: Mask) -> dict[int, float] | None:
    """Mean confidence of each id that occurs; None where a mask has none."""
    if mask.confidence is None:
        return None
    size = np.iinfo(mask.class_ids.dtype).max + 1
    sums, counts = np.zeros(size), np.zeros(size, np.int64)
    for start in range(0, len(mask.class_ids), ROWS):
        ids = mask.class_ids[start : start + ROWS].ravel()
        weights = mask.confidence[start : start + ROWS].ravel()
        sums += np.bincount(ids, weights, minlength=size)
        counts += np.bincount(ids, minlength=size)
    found = np.flatnonzero(counts)
    return {int(i): round(float(sums[i] / counts[i]), 4) for i in found}


def _read_part(path: Path) -> ImageEntry:
    image, annotations = json.loads(path.read_bytes())
    return ImageEntry(image, annotations)


def _remove_files(folder: Path, files: Iterable[Path]) -> None:
    """Removes files below a folder, and folders that are empty then."""
    for file in files:
        file.unlink()
    inside = sorted((p for p in folder.rglob('*') if p.is_dir()), reverse=True)
    for path in (*inside, folder):
        if path.is_dir() and not any(path.iterdir()):
            path.rmdir()
